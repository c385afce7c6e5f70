/* The words of a script: 0xffffffff resets, 0xfffffffe begins a window, another word n is a slice of n events and a step. An event is a
 * word: x in bits 0..14, y in bits 15..30, p in bit 31. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "board.h"
#include "saccade.h"

#define SCRIPT_RESET 0xffffffffu
#define SCRIPT_WINDOW 0xfffffffeu

/* The next word of the file; 0 at its end. */
static uint32_t script_next(int file, uint32_t *word)
{
    static uint32_t words[32], at, end;
    if (at == end) {
        end = board_read(file, words, sizeof words) / 4u;
        at = 0;
    }
    if (end == 0)
        return 0;
    *word = words[at++];
    return 1;
}

/* Runs the file to its end, or to the first status that is not OK; `step` takes the place of saccade_step. */
static inline saccade_status script_run(int file, saccade_status status, saccade_status (*step)(void))
{
    uint32_t word, event;
    while (status == SACCADE_OK && script_next(file, &word)) {
        if (word == SCRIPT_RESET) {
            status = saccade_reset();
        } else if (word == SCRIPT_WINDOW) {
            status = saccade_begin_window();
        } else {
            for (uint32_t i = 0; i < word && script_next(file, &event); i++)
                saccade_event(event & 0x7fffu, event >> 15 & 0xffffu, (uint8_t)(event >> 31));
            status = step();
        }
    }
    return status;
}

#endif
