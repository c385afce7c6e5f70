/*
 * A camera that speaks the bridge on the sensor's UART: here the board is the host. It says STOP until HELLO comes, START, and begins again
 * when the camera falls silent. Bytes wait in a ring while the network runs: 16 KiB is 160 ms of a UART at 1 Mbaud.
 */
#include "../board.h"
#include "camera.h"

#include <stddef.h>

#define MAX_FRAME 1024u
#define GREET_US 1000000u
#define SILENCE_US 3000000u
#define HEARTBEAT_MS 50

static uint8_t ring_bytes[16384], inbox[MAX_FRAME], wire[BRIDGE_WIRE_BYTES(BRIDGE_MIN_FRAME)];
static struct bridge_ring ring;
static struct bridge_reader reader;
static struct bridge_writer writer;
static struct bridge_events_reader events;
static bool streaming, reading, known;
static uint32_t heard_at, asked_at, clock_time, frames_lost;
static uint16_t next_seq;
/* Written by the interrupt alone. */
static volatile uint32_t overruns;
static volatile bool listening;

void sensor_interrupt(void)
{
    uint8_t byte;
    while (board_byte(&byte))
        if (listening && !bridge_ring_put(&ring, &byte, 1))
            overruns++;
}

static void tell(void)
{
    board_tell_sensor(wire, bridge_end(&writer));
}

static void stop(void)
{
    streaming = known = false;
    bridge_begin(&writer, BRIDGE_STOP, 0, 0);
    tell();
}

static void ask(uint32_t now)
{
    asked_at = now;
    stop();
}

static void start(void)
{
    struct bridge_start start = {.version = BRIDGE_VERSION, .form = BRIDGE_EVENTS_COMPACT, .wants = 1u << BRIDGE_EVENTS, .flow = 0,
                                 .max_frame = MAX_FRAME, .limit = BRIDGE_NO_LIMIT};
    struct bridge_config_record setting = {BRIDGE_SETTING_HEARTBEAT_MS, HEARTBEAT_MS};
    streaming = true;
    bridge_begin(&writer, BRIDGE_START, 0, 0);
    bridge_put_fields(&writer, bridge_start_fields, BRIDGE_START_FIELDS, &start);
    tell();
    bridge_begin(&writer, BRIDGE_CONFIG, 0, 0);
    bridge_put_fields(&writer, bridge_config_record_fields, BRIDGE_CONFIG_RECORD_FIELDS, &setting);
    tell();
}

/* A good frame: events are opened, HELLO is answered, a heartbeat tells the time. */
static void take(uint32_t now)
{
    const struct bridge_frame *frame = &reader.frame;
    heard_at = now;
    if (streaming)
        frames_lost += (uint16_t)(frame->seq - next_seq);
    next_seq = (uint16_t)(frame->seq + 1u);
    if (frame->type == BRIDGE_HELLO) {
        start();
    } else if (frame->type == BRIDGE_HEARTBEAT && streaming) {
        clock_time = frame->t0;
        known = true;
    } else if (frame->type == BRIDGE_EVENTS) {
        reading = bridge_events_open(&events, frame);
    }
}

void camera_begin(uint32_t now)
{
    listening = false;
    bridge_ring_init(&ring, ring_bytes, sizeof ring_bytes);
    bridge_reader_init(&reader, inbox, sizeof inbox);
    bridge_writer_init(&writer, wire, BRIDGE_MIN_FRAME);
    reading = false;
    heard_at = now;
    listening = true;
    ask(now);
}

void camera_end(void)
{
    stop();
    listening = false;
}

bool camera_next(uint32_t now, struct bridge_event *event)
{
    uint8_t byte;
    if (now - heard_at > (streaming ? SILENCE_US : GREET_US) && now - asked_at > GREET_US)
        ask(now);
    for (;;) {
        if (reading && bridge_events_next(&events, event)) {
            clock_time = event->t;
            known = true;
            return true;
        }
        reading = false;
        if (!bridge_ring_get(&ring, &byte, 1))
            return false;
        if (bridge_read_byte(&reader, byte))
            take(now);
    }
}

bool camera_time(uint32_t now, uint32_t *time)
{
    (void)now;
    *time = clock_time;
    return known;
}

uint32_t camera_lost(void)
{
    return frames_lost + overruns;
}
