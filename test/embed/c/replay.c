/*
 * Runs a network over what the file "events" says, in words, and writes the first output after each step to the file "logits":
 * 0xffffffff resets, 0xfffffffe begins a window, any other word n is a slice of n events, a word each: x in bits 0..14, y in bits
 * 15..30, p in bit 31; then a step. Ends with 0, or with the status that was not OK.
 */
#include "board.h"
#include "network.h"
#include "saccade.h"

#define RESET 0xffffffffu
#define WINDOW 0xfffffffeu

static int events;

static uint32_t next(uint32_t *word)
{
    static uint32_t words[64], at, end;
    if (at == end) {
        end = board_read(events, words, sizeof words) / 4u;
        at = 0;
    }
    if (end == 0)
        return 0;
    *word = words[at++];
    return 1;
}

int main(void)
{
    uint32_t word, event, n, ticks = 0;
    int logits = board_open("logits", "wb"), counts = board_open("ticks", "wb");
    events = board_open("events", "rb");
    saccade_status status = saccade_load(PLAN, PLAN_BLOB_BYTES);
    board_start_ticks();
    while (status == SACCADE_OK && next(&word)) {
        if (word == RESET) {
            status = saccade_reset();
        } else if (word == WINDOW) {
            status = saccade_begin_window();
        } else {
            for (uint32_t i = 0; i < word && next(&event); i++)
                saccade_event(event & 0x7fffu, event >> 15 & 0xffffu, (uint8_t)(event >> 31));
            uint32_t from = board_ticks();
            status = saccade_step();
            ticks = (board_ticks() - from) & 0xffffffu;
            board_write(counts, &ticks, sizeof ticks);
            const int32_t *output = saccade_output(&n);
            board_write(logits, output, 4u * n);
        }
    }
    return (int)status;
}
