/*
 * Runs a network over the script "events", and writes the first output after each step to the file "logits", SysTick's ticks of each step
 * to "ticks". Ends with the status that was not OK, or with 0.
 */
#include "board.h"
#include "network.h"
#include "saccade.h"
#include "script.h"

int main(void)
{
    uint32_t word, event, n;
    int events = board_open("events", "rb"), logits = board_open("logits", "wb"), counts = board_open("ticks", "wb");
    saccade_status status = saccade_load(PLAN, PLAN_BLOB_BYTES);
    board_start_ticks();
    while (status == SACCADE_OK && script_next(events, &word)) {
        if (word == SCRIPT_RESET) {
            status = saccade_reset();
        } else if (word == SCRIPT_WINDOW) {
            status = saccade_begin_window();
        } else {
            for (uint32_t i = 0; i < word && script_next(events, &event); i++)
                saccade_event(event & 0x7fffu, event >> 15 & 0xffffu, (uint8_t)(event >> 31));
            uint32_t from = board_ticks();
            status = saccade_step();
            uint32_t ticks = (board_ticks() - from) & 0xffffffu;
            board_write(counts, &ticks, sizeof ticks);
            const int32_t *output = saccade_output(&n);
            board_write(logits, output, 4u * n);
        }
    }
    return (int)status;
}
