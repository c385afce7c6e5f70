/*
 * How deep each call of the API goes: the stack is painted below main, a call is made, and the first word that has changed is looked for.
 * Writes to "stack" the bytes of load, reset, begin_window, event, events, frame, step, output, u32 each. Runs the script "events".
 */
#include "board.h"
#include "network.h"
#include "saccade.h"
#include "script.h"

#define PAINT 0xa5a5a5a5u
#define DEPTH 1024u

enum { LOAD, RESET, BEGIN_WINDOW, EVENT, EVENTS, FRAME, STEP, OUTPUT, CALLS };

static uint32_t deepest[CALLS];
static saccade_status status;
static uint16_t x, y;
static uint8_t p;

static void call(unsigned which)
{
    uint32_t n;
    switch (which) {
    case LOAD: status = saccade_load(PLAN, PLAN_BLOB_BYTES); break;
    case RESET: status = saccade_reset(); break;
    case BEGIN_WINDOW: status = saccade_begin_window(); break;
    case EVENT: saccade_event(x, y, p); break;
    case EVENTS: saccade_events(&x, &y, &p, 1); break;
    case FRAME: saccade_frame(&n); break;
    case STEP: status = saccade_step(); break;
    default: saccade_output(&n);
    }
}

/* What `call` itself takes lies between the top of the paint and the call; it is in the figure. */
__attribute__((noinline)) static void measure(unsigned which)
{
    volatile uint32_t *top;
    __asm__ volatile("mov %0, sp" : "=r"(top));
    for (uint32_t i = 1; i <= DEPTH / 4u; i++)
        top[-(int32_t)i] = PAINT;
    call(which);
    uint32_t depth = DEPTH;
    while (depth > 0 && top[-(int32_t)(depth / 4u)] == PAINT)
        depth -= 4;
    if (depth > deepest[which])
        deepest[which] = depth;
}

int main(void)
{
    uint32_t word, event;
    int events = board_open("events", "rb");
    measure(LOAD);
    while (status == SACCADE_OK && script_next(events, &word)) {
        if (word == SCRIPT_RESET) {
            measure(RESET);
        } else if (word == SCRIPT_WINDOW) {
            measure(BEGIN_WINDOW);
        } else {
            for (uint32_t i = 0; i < word && script_next(events, &event); i++) {
                x = event & 0x7fffu, y = event >> 15 & 0xffffu, p = (uint8_t)(event >> 31);
                measure(i % 2 == 0 ? EVENT : EVENTS);
            }
            measure(FRAME);
            measure(STEP);
            measure(OUTPUT);
        }
    }
    board_write(board_open("stack", "wb"), deepest, sizeof deepest);
    return (int)status;
}
