/*
 * Gives plans of the file "plans" to the engine, and writes to "verdicts" what it says of each: status, fault, and the first output after
 * each step. A plan is three words, its bytes, its steps and the bytes of an input frame, then itself and the frames; without frames the
 * steps run on some values. BLOB_BYTES is the longest plan on a board; elsewhere each has a block of its very size, so that a sanitizer
 * sees what lies behind it.
 */
#include "board.h"
#include "saccade.h"

#ifdef BLOB_BYTES
static uint32_t blob[BLOB_BYTES / 4] __attribute__((aligned(16)));
static void *take(uint32_t bytes)
{
    return bytes <= sizeof blob ? blob : 0;
}
static void give_back(void *block)
{
    (void)block;
}
#else
#include <stdlib.h>
static void *take(uint32_t bytes)
{
    void *block = 0;
    return posix_memalign(&block, 16, bytes) == 0 ? block : 0;
}
static void give_back(void *block)
{
    free(block);
}
#endif

static int plans, verdicts;

static saccade_status step(uint32_t number, uint32_t frame_bytes)
{
    uint32_t bytes, n;
    uint8_t *frame = saccade_frame(&bytes);
    for (uint32_t i = 0; frame_bytes == 0 && i < bytes; i++)
        frame[i] = (uint8_t)((i * 7u + number) % 5u);
    if (frame_bytes == 0)
        saccade_event((uint16_t)number, (uint16_t)(3u * number), number & 1u);
    else if (frame_bytes != bytes || board_read(plans, frame, bytes) != bytes)
        board_exit(100);
    saccade_status status = saccade_step();
    const int32_t *output = saccade_output(&n);
    board_write(verdicts, output, 4u * n);
    return status;
}

/* Frames that nobody wants. */
static void pass_over(uint32_t bytes)
{
    static uint8_t passed[64];
    while (bytes > 0) {
        uint32_t some = bytes < sizeof passed ? bytes : sizeof passed;
        if (board_read(plans, passed, some) != some)
            board_exit(103);
        bytes -= some;
    }
}

int main(void)
{
    uint32_t head[3];
    plans = board_open("plans", "rb");
    verdicts = board_open("verdicts", "wb");
    while (board_read(plans, head, sizeof head) == sizeof head) {
        void *plan = take(head[0]);
        if (plan == 0 || board_read(plans, plan, head[0]) != head[0])
            return 101;
        saccade_status status = saccade_load(plan, head[0]);
        uint32_t verdict[2] = {(uint32_t)status, saccade_fault()};
        board_write(verdicts, verdict, sizeof verdict);
        if (status == SACCADE_OK)
            status = saccade_begin_window();
        uint32_t done = 0;
        for (; status == SACCADE_OK && done < head[1]; done++)
            status = step(done, head[2]);
        pass_over((head[1] - done) * head[2]);
        if (status == SACCADE_TRAPPED)
            return 102;
        give_back(plan);
    }
    return 0;
}
