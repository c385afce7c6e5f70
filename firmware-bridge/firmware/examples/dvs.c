/*
 * An event camera on a microcontroller. The interrupt stamps events and leaves them in the ring; the main loop sends them.
 * RAM: ring 8 KiB, frame 1 KiB, inbox 128 bytes, device 284 bytes.
 */
#include "board.h"
#include "bridge.h"

#define WIDTH 128u
#define HEIGHT 128u
#define MAX_FRAME 1024u

static uint8_t ring_bytes[8192];
static struct bridge_ring ring;
/* Written by the interrupt alone; the main loop reads it whole, for a word is loaded at once. */
static volatile uint32_t overruns;

void sensor_interrupt(void)
{
    struct bridge_event event;
    while (board_pixel(&event.x, &event.y, &event.p)) {
        event.t = board_micros();
        if (!bridge_ring_put(&ring, &event, sizeof event))
            overruns++;
    }
}

int main(void)
{
    static uint8_t wire[BRIDGE_WIRE_BYTES(MAX_FRAME)], inbox[BRIDGE_MIN_FRAME];
    static struct bridge_device device;
    static const struct bridge_hello hello = {.sends = 1u << BRIDGE_EVENTS, .width = WIDTH, .height = HEIGHT, .tick = 1000, .name = "dvs example"};
    struct bridge_board board = {board_send, NULL, NULL};
    struct bridge_hello mine = hello;
    uint32_t told = 0;
    mine.boot = board_boot();
    bridge_ring_init(&ring, ring_bytes, sizeof ring_bytes);
    bridge_device_init(&device, &board, &mine, wire, MAX_FRAME, inbox, sizeof inbox, board_micros());
    for (;;) {
        struct bridge_event event;
        uint8_t bytes[32];
        size_t n = board_receive(bytes, sizeof bytes);
        bridge_device_receive(&device, board_micros(), bytes, n);
        for (unsigned i = 0; i < 64 && bridge_ring_get(&ring, &event, sizeof event); i++)
            bridge_device_event(&device, &event);
        uint32_t lost = overruns;
        bridge_device_lost(&device, lost - told);
        told = lost;
        if (n == 0 && bridge_ring_used(&ring) == 0)
            board_idle();
    }
}
