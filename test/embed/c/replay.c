/*
 * Runs a network over the script "events", and writes the first output after each step to the file "logits", SysTick's ticks of each step
 * to "ticks". Ends with the status that was not OK, or with 0.
 */
#include "board.h"
#include "network.h"
#include "saccade.h"
#include "script.h"

static int logits, counts;

static saccade_status step(void)
{
    uint32_t n, from = board_ticks();
    saccade_status status = saccade_step();
    uint32_t ticks = (board_ticks() - from) & 0xffffffu;
    board_write(counts, &ticks, sizeof ticks);
    const int32_t *output = saccade_output(&n);
    board_write(logits, output, 4u * n);
    return status;
}

int main(void)
{
    int events = board_open("events", "rb");
    logits = board_open("logits", "wb");
    counts = board_open("ticks", "wb");
    saccade_status status = saccade_load(PLAN, PLAN_BLOB_BYTES);
    board_start_ticks();
    return (int)script_run(events, status, step);
}
