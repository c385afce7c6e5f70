/*
 * An LD06 or LD19 LiDAR on a microcontroller: its 47-byte packets are checked and go on as points, at equal steps of time.
 * Its packet: 0x54 0x2C, speed in degrees a second, start angle, 12 x (mm, intensity), end angle, ms, CRC-8; numbers little-endian.
 */
#include "board.h"
#include "bridge.h"

#define PACKET_BYTES 47u
#define POINTS 12u
#define MAX_FRAME 256u
#define TURN 36000u
#define POINTS_PER_SECOND 4500u
#define STEP_NS (1000000000u / POINTS_PER_SECOND)
#define BYTE_US 44u /* 10 bits at 230400 baud, rounded up */

/* A byte and when it came. */
struct arrival {
    uint32_t t;
    uint8_t byte;
};

static uint8_t ring_bytes[2048];
static struct bridge_ring ring;
static volatile uint32_t overruns;

void sensor_interrupt(void)
{
    struct arrival arrival = {0, 0};
    while (board_byte(&arrival.byte)) {
        arrival.t = board_micros();
        if (!bridge_ring_put(&ring, &arrival, sizeof arrival))
            overruns++;
    }
}

/* Polynomial 0x4D, from 0, not reflected. */
static uint8_t crc8(const uint8_t *bytes, size_t n)
{
    unsigned crc = 0;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = (crc & 0x80u) != 0 ? (crc << 1 ^ 0x4du) & 0xffu : crc << 1;
    }
    return (uint8_t)crc;
}

static uint16_t half(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | (unsigned)bytes[1] << 8);
}

/* The last point was measured about when the packet began to be sent. */
static void send_points(struct bridge_device *device, const uint8_t *packet, uint32_t began)
{
    struct bridge_points_polar_head head = {STEP_NS, 1000};
    struct bridge_points_polar_record points[POINTS];
    uint32_t start = half(packet + 4) % TURN, span = (half(packet + 42) % TURN + TURN - start) % TURN;
    for (uint32_t i = 0; i < POINTS; i++) {
        points[i].range = half(packet + 6 + 3 * i);
        points[i].angle = (uint16_t)((start + span * i / (POINTS - 1u)) % TURN);
        points[i].intensity = packet[8 + 3 * i];
    }
    bridge_device_polar(device, began - (POINTS - 1u) * STEP_NS / 1000u, &head, points, POINTS);
}

/* Keeps the bytes from the next possible packet on. */
static void resync(uint8_t *packet, size_t *held)
{
    size_t skipped = 1;
    while (skipped < *held && packet[skipped] != 0x54)
        skipped++;
    for (size_t i = skipped; i < *held; i++)
        packet[i - skipped] = packet[i];
    *held -= skipped;
}

int main(void)
{
    static uint8_t wire[BRIDGE_WIRE_BYTES(MAX_FRAME)], inbox[BRIDGE_MIN_FRAME];
    static struct bridge_device device;
    struct bridge_board board = {board_send, NULL, NULL};
    struct bridge_hello hello = {.sends = 1u << BRIDGE_POINTS, .tick = 1000, .name = "ld06 example"};
    uint8_t packet[PACKET_BYTES];
    size_t held = 0;
    uint32_t told = 0;
    hello.boot = board_boot();
    bridge_ring_init(&ring, ring_bytes, sizeof ring_bytes);
    bridge_device_init(&device, &board, &hello, wire, MAX_FRAME, inbox, sizeof inbox, board_micros());
    for (;;) {
        struct arrival arrival;
        uint8_t bytes[32];
        size_t n = board_receive(bytes, sizeof bytes);
        bridge_device_receive(&device, board_micros(), bytes, n);
        while (bridge_ring_get(&ring, &arrival, sizeof arrival)) {
            packet[held++] = arrival.byte;
            while (held > 0 && (packet[0] != 0x54 || (held > 1 && packet[1] != 0x2c)))
                resync(packet, &held);
            if (held < PACKET_BYTES)
                continue;
            if (crc8(packet, PACKET_BYTES - 1) == packet[PACKET_BYTES - 1]) {
                send_points(&device, packet, arrival.t - PACKET_BYTES * BYTE_US);
                held = 0;
            } else {
                bridge_device_lost(&device, POINTS);
                resync(packet, &held);
            }
        }
        /* A byte that is gone spoils its packet, which is counted there or never began: so only say that it happened. */
        if (overruns != told)
            bridge_device_error(&device, BRIDGE_ERROR_SENSOR_FAULT, 0, "bytes of the LiDAR were lost");
        told = overruns;
        if (n == 0)
            board_idle();
    }
}
