/*
 * A device in every mood of its line and its host. stdin: bytes of hosts, good and bad. Between them come events, points and bytes of other
 * protocols, a line that is busy, and a clock that wraps. Whatever happens: what it sends are good frames with consecutive numbers, and items
 * sent + lost + held = items offered while it was wanted. argv[1]: seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge.h"

#define MAX_FRAME 256u
#define ROUNDS 200000u

static uint32_t state;
static struct bridge_device device;
static struct bridge_reader host;
static uint32_t next_seq, heartbeats, hellos, errors, data_frames, refusals;
static bool busy;

static uint32_t some(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(state >> 8) * below >> 24);
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static bool take(void *context, const uint8_t *bytes, size_t n)
{
    (void)context;
    if (busy && some(4) != 0) {
        refusals++;
        return false;
    }
    uint32_t good = 0;
    for (size_t i = 0; i < n; i++)
        good += bridge_read_byte(&host, bytes[i]);
    if (good != 1)
        fail("not one good frame");
    if (host.frame.seq != (uint16_t)next_seq++)
        fail("a number is missing");
    heartbeats += host.frame.type == BRIDGE_HEARTBEAT;
    hellos += host.frame.type == BRIDGE_HELLO;
    errors += host.frame.type == BRIDGE_ERROR;
    data_frames += host.frame.type == BRIDGE_EVENTS || host.frame.type == BRIDGE_POINTS || host.frame.type == BRIDGE_VENDOR;
    return true;
}

static bool configure(void *context, uint16_t key, int32_t value)
{
    (void)context;
    return key == BRIDGE_SETTING_BIAS && value > 0;
}

int main(int argc, char **argv)
{
    static uint8_t wire[BRIDGE_WIRE_BYTES(MAX_FRAME)], inbox[BRIDGE_MIN_FRAME], storage[BRIDGE_MAX_FRAME], bytes[1 << 20];
    struct bridge_board board = {take, configure, NULL};
    struct bridge_hello hello = {.sends = 0xff, .width = 320, .height = 240, .boot = 7, .name = "moody"};
    size_t length = fread(bytes, 1, sizeof bytes, stdin), at = 0;
    uint32_t now = 0xfff00000u, offered = 0;
    state = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
    bridge_reader_init(&host, storage, sizeof storage);
    bridge_device_init(&device, &board, &hello, wire, MAX_FRAME, inbox, sizeof inbox, now);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        bool streaming = device.status.streaming != 0;
        now += some(4000);
        if (some(500) == 0)
            busy = !busy;
        switch (some(8)) {
        case 0: {
            size_t n = some(40);
            n = n < length - at ? n : length - at;
            bridge_device_receive(&device, now, bytes + at, n);
            at = at + n == length ? 0 : at + n;
            break;
        }
        case 1:
            bridge_device_poll(&device, now);
            break;
        case 2: {
            uint32_t n = some(80);
            struct bridge_points_polar_head head = {1000, 1000};
            struct bridge_points_polar_record points[80];
            memset(points, 1, sizeof points);
            offered += streaming && (device.wants >> BRIDGE_POINTS & 1u) ? n : 0;
            bridge_device_polar(&device, now, &head, points, n);
            break;
        }
        case 3: {
            uint32_t n = some(300);
            uint8_t other[300];
            memset(other, 0, sizeof other);
            offered += streaming && (device.wants >> BRIDGE_VENDOR & 1u) ? n : 0;
            bridge_device_vendor(&device, BRIDGE_VENDOR_LD06, 0, now, 1, other, n);
            break;
        }
        default:
            for (uint32_t i = some(60); i > 0; i--) {
                struct bridge_event event = {now + i % 7u, (uint16_t)some(320), (uint16_t)some(240), (uint8_t)some(2)};
                offered += streaming && (device.wants >> BRIDGE_EVENTS & 1u);
                bridge_device_event(&device, &event);
            }
        }
        uint32_t waiting = device.events.held + (device.pending > 0 ? device.pending_items : 0);
        if (offered != device.status.items + device.status.lost_ring + device.status.lost_credit + waiting)
            fail("an item is not accounted for");
    }
    if (host.counters.bad_crc + host.counters.not_cobs + host.counters.too_short + host.counters.too_long != 0)
        fail("a bad packet was sent");
    printf("%u frames: %u data, %u heartbeats, %u hellos, %u errors; %u times busy, %u lost at the line, %u without credit\n", next_seq,
           data_frames, heartbeats, hellos, errors, refusals, device.status.lost_ring, device.status.lost_credit);
    return data_frames > 100 && heartbeats > 10 && hellos > 10 && errors > 10 && refusals > 100 && device.status.lost_credit > 0 ? 0 : 6;
}
