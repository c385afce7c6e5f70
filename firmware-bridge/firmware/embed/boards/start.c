/*
 * Start-up of any Cortex-M that QEMU emulates: vectors, .data and .bss, then main. A fault ends the program with its number, so that a
 * test sees it. Armv6-M ARM and Armv7-M ARM, B1.5.
 */
#include "board.h"

#include <stdint.h>

int main(void);
void reset(void);

/* From the linker script. */
extern uint32_t stack_top[], data_from[], data_begin[], data_end[], bss_begin[], bss_end[];

static void fault(void)
{
    uint32_t number;
    __asm__ volatile("mrs %0, ipsr" : "=r"(number));
    board_exit(128 + (int)number);
}

typedef void (*handler)(void);
__attribute__((section(".vectors"), used)) static const union {
    uint32_t *stack;
    handler enter;
} VECTORS[16] = {
    {.stack = stack_top}, {.enter = reset}, {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault},
    {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault}, {.enter = fault}};

void reset(void)
{
    uint32_t *from = data_from;
    for (uint32_t *to = data_begin; to != data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_begin; to != bss_end;)
        *(volatile uint32_t *)to++ = 0;
    board_exit(main());
}
