/*
 * The examples on an Arm MPS2 board with a Cortex-M3 (AN385), which QEMU emulates: UART0 is the host's line, UART1 the sensor's, timer 0 the
 * clock; SysTick and each byte at UART1 are the sensor's interrupt. The camera shows one event each 100 us, of which event k can be told by its pixel.
 *
 *     qemu-system-arm -M mps2-an385 -nographic -monitor none -serial stdio -kernel dvs.elf
 *
 * Registers: Arm DAI 0385 (AN385) and CMSDK TRM, DDI 0479, chapters 4.3 UART, 4.1 timer; Armv7-M ARM B3.3 SysTick, B3.4 NVIC.
 */
#include "board.h"

#define CLOCK_MHZ 25u
#define TICK_US 500u
#define PIXELS_PER_TICK 5u
#define WIDTH 128u
#define HEIGHT 128u

struct uart {
    volatile uint32_t data, state, ctrl, interrupts, baud_divider;
};
struct timer {
    volatile uint32_t ctrl, value, reload, interrupts;
};
struct systick {
    volatile uint32_t ctrl, reload, value;
};

#define UART0 ((struct uart *)0x40004000u)
#define UART1 ((struct uart *)0x40005000u)
#define TIMER0 ((struct timer *)0x40000000u)
#define SYSTICK ((struct systick *)0xe000e010u)
#define TX_FULL 1u
#define RX_FULL 2u
#define ENABLE_TX_RX 3u
#define RX_INTERRUPT 8u
#define CLEAR_RX_INTERRUPT 2u
#define UART1_RX_NUMBER 2u
#define NVIC_ENABLE (*(volatile uint32_t *)0xe000e100u)

int main(void);
void reset(void);
void systick_interrupt(void);
void uart1_interrupt(void);

/* From mps2.ld. */
extern uint32_t stack_top[], data_from[], data_begin[], data_end[], bss_begin[], bss_end[];

static void halt(void)
{
    for (;;)
        ;
}

typedef void (*handler)(void);
__attribute__((section(".vectors"), used)) static const union {
    uint32_t *stack;
    handler enter;
} VECTORS[16 + UART1_RX_NUMBER + 1] = {
    {.stack = stack_top}, {.enter = reset}, {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = halt},
    {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = halt}, {.enter = systick_interrupt},
    {.enter = halt}, {.enter = halt}, {.enter = uart1_interrupt}};

static uint32_t shown, due;

/* The timer counts down from 2^32 - 1, 25 a us: this turns it into us that wrap at 2^32. Called from the interrupt and from the loop. */
uint32_t board_micros(void)
{
    static volatile uint32_t micros, before, rest;
    uint32_t masked;
    __asm__ volatile("mrs %0, primask\n cpsid i" : "=r"(masked)::"memory");
    uint32_t now = 0xffffffffu - TIMER0->value, passed = now - before + rest;
    before = now;
    micros += passed / CLOCK_MHZ;
    rest = passed % CLOCK_MHZ;
    uint32_t result = micros;
    __asm__ volatile("msr primask, %0" ::"r"(masked) : "memory");
    return result;
}

uint32_t board_boot(void)
{
    return 1;
}

static void transmit(struct uart *uart, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        while (uart->state & TX_FULL)
            ;
        uart->data = bytes[i];
    }
}

bool board_send(void *context, const uint8_t *bytes, size_t n)
{
    (void)context;
    transmit(UART0, bytes, n);
    return true;
}

void board_tell_sensor(const uint8_t *bytes, size_t n)
{
    transmit(UART1, bytes, n);
}

size_t board_receive(uint8_t *bytes, size_t n)
{
    size_t got = 0;
    while (got < n && (UART0->state & RX_FULL))
        bytes[got++] = (uint8_t)UART0->data;
    return got;
}

void board_idle(void)
{
    __asm__ volatile("wfi");
}

bool board_pixel(uint16_t *x, uint16_t *y, uint8_t *p)
{
    if (shown == due)
        return false;
    *x = (uint16_t)(shown % WIDTH);
    *y = (uint16_t)(shown / WIDTH % HEIGHT);
    *p = (uint8_t)(shown & 1u);
    shown++;
    return true;
}

bool board_byte(uint8_t *byte)
{
    if (!(UART1->state & RX_FULL))
        return false;
    *byte = (uint8_t)UART1->data;
    return true;
}

void systick_interrupt(void)
{
    due += PIXELS_PER_TICK;
    sensor_interrupt();
}

void uart1_interrupt(void)
{
    UART1->interrupts = CLEAR_RX_INTERRUPT;
    sensor_interrupt();
}

void reset(void)
{
    uint32_t *from = data_from;
    for (uint32_t *to = data_begin; to != data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_begin; to != bss_end;)
        *to++ = 0;
    UART0->baud_divider = UART1->baud_divider = 16;
    UART0->ctrl = ENABLE_TX_RX;
    UART1->ctrl = ENABLE_TX_RX | RX_INTERRUPT;
    NVIC_ENABLE = 1u << UART1_RX_NUMBER;
    TIMER0->reload = TIMER0->value = 0xffffffffu;
    TIMER0->ctrl = 1;
    SYSTICK->reload = TICK_US * CLOCK_MHZ - 1u;
    SYSTICK->value = 0;
    SYSTICK->ctrl = 7;
    main();
    halt();
}
