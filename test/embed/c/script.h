/* The words of a script: 0xffffffff resets, 0xfffffffe begins a window, another word n is a slice of n events and a step. An event is a
 * word: x in bits 0..14, y in bits 15..30, p in bit 31. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "board.h"

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

#endif
