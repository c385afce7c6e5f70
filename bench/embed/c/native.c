/*
 * Runs a network of libsaccade over frames: native BLOB FRAMES TIMESTEPS WINDOW [TURNS]. FRAMES holds TIMESTEPS input tensors; a window begins
 * every WINDOW of them. Writes the first output after each step to standard output; with TURNS also how many ns a step took, on standard
 * error: the least of so many passes over all frames.
 */
#define _ISOC11_SOURCE
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "saccade.h"

static uint8_t *file(const char *name, uint32_t *bytes)
{
    FILE *in = fopen(name, "rb");
    if (in == NULL || fseek(in, 0, SEEK_END) != 0)
        exit(66);
    *bytes = (uint32_t)ftell(in);
    uint8_t *content = aligned_alloc(16, (*bytes + 15u) / 16u * 16u);
    rewind(in);
    if (content == NULL || fread(content, 1, *bytes, in) != *bytes)
        exit(66);
    fclose(in);
    return content;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    uint32_t blob_bytes, frames_bytes, frame_bytes, n;
    if (argc < 5)
        return 64;
    const uint8_t *blob = file(argv[1], &blob_bytes), *frames = file(argv[2], &frames_bytes);
    uint32_t steps = (uint32_t)atoi(argv[3]), window = (uint32_t)atoi(argv[4]), turns = argc > 5 ? (uint32_t)atoi(argv[5]) : 0;
    saccade_status status = saccade_load(blob, blob_bytes);
    if (status != SACCADE_OK)
        return (int)status;
    double least = 1e18;
    for (uint32_t turn = 0; turn <= turns; turn++) {
        double from = now();
        saccade_reset();
        for (uint32_t t = 0; t < steps; t++) {
            if (t % window == 0)
                saccade_begin_window();
            uint8_t *frame = saccade_frame(&frame_bytes);
            memcpy(frame, frames + (size_t)t * frame_bytes, frame_bytes);
            status = saccade_step();
            const int32_t *logits = saccade_output(&n);
            if (turn == 0)
                fwrite(logits, 4, n, stdout);
        }
        if (turn > 0 && now() - from < least)
            least = now() - from;
    }
    if (turns > 0)
        fprintf(stderr, "%.0f\n", least / steps);
    return (int)status;
}
