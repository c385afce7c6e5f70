/* Runs a network over the script "events" op by op, and writes SysTick's ticks of each of COUNTED ops, u32, to the file "ticks". */
#include "board.h"
#include "network.h"
#include "saccade.h"
#include "script.h"

static uint32_t ticks[COUNTED];

static saccade_status step(void)
{
    saccade_status status = SACCADE_OK;
    for (uint32_t op = 0; op < COUNTED && status == SACCADE_OK; op++) {
        uint32_t from = board_ticks();
        status = saccade_run_ops(op, op + 1);
        ticks[op] += (board_ticks() - from) & 0xffffffu;
    }
    uint32_t bytes;
    uint8_t *frame = saccade_frame(&bytes);
    while (bytes > 0)
        frame[--bytes] = 0;
    return status;
}

int main(void)
{
    uint32_t word, event;
    int events = board_open("events", "rb");
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
            status = step();
        }
    }
    board_write(board_open("ticks", "wb"), ticks, sizeof ticks);
    return (int)status;
}
