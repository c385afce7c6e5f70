/*
 * A recording that is compiled in, played once to each host that comes, at its pace. recording.S takes in what this makes of any recording:
 *
 *     npx saccade convert digit.raw recording.bridge
 */
#include "../board.h"
#include "camera.h"

extern const uint8_t recording_begin[], recording_end[];

static uint8_t inbox[BRIDGE_MAX_FRAME];
static struct bridge_reader reader;
static struct bridge_events_reader events;
static struct bridge_event held;
static const uint8_t *at;
static uint32_t first, began;
static bool reading, holding, begun;

void sensor_interrupt(void)
{
}

void camera_begin(uint32_t now)
{
    (void)now;
    bridge_reader_init(&reader, inbox, sizeof inbox);
    at = recording_begin;
    reading = holding = begun = false;
}

void camera_end(void)
{
}

/* Holds the next event. False at the recording's end. */
static bool hold(void)
{
    while (!holding) {
        holding = reading && bridge_events_next(&events, &held);
        if (holding)
            break;
        reading = false;
        if (at == recording_end)
            return false;
        if (bridge_read_byte(&reader, *at++))
            reading = bridge_events_open(&events, &reader.frame);
    }
    return true;
}

bool camera_next(uint32_t now, struct bridge_event *event)
{
    if (!hold())
        return false;
    if (!begun) {
        begun = true;
        first = held.t;
        began = now;
    }
    if (held.t - first > now - began)
        return false;
    *event = held;
    holding = false;
    return true;
}

bool camera_time(uint32_t now, uint32_t *time)
{
    *time = first + (now - began);
    return begun;
}

uint32_t camera_lost(void)
{
    return 0;
}
