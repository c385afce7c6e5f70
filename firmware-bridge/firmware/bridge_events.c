#include "bridge.h"

#define MAX_SPAN_US 0x7fffffffu
#define MAX_PLAIN_US 65535u
/* A pause that needs more words than this begins a new frame instead, which costs about as much. */
#define MOST_STEPS 4u
#define MAX_SIDE_BITS 15u

static unsigned bits_of(uint32_t side)
{
    unsigned bits = 1;
    while (bits < 32u && side > (uint32_t)1 << bits)
        bits++;
    return bits;
}

static bool is_compact(struct bridge_word_form form)
{
    bool sides = form.x_bits >= 1 && form.x_bits <= MAX_SIDE_BITS && form.y_bits >= 1 && form.y_bits <= MAX_SIDE_BITS;
    return form.word_bytes >= 2 && form.word_bytes <= 4 && sides && 2u + form.x_bits + form.y_bits <= 8u * form.word_bytes;
}

struct bridge_word_form bridge_choose_form(uint32_t width, uint32_t height, unsigned time_bits)
{
    unsigned pixel_bits = 1u + bits_of(width) + bits_of(height);
    for (unsigned bytes = 2; bytes <= 4; bytes++) {
        struct bridge_word_form form = {(uint8_t)bytes, (uint8_t)bits_of(width), (uint8_t)bits_of(height)};
        if (is_compact(form) && pixel_bits + time_bits <= 8u * bytes)
            return form;
    }
    return (struct bridge_word_form){0, 0, 0};
}

static unsigned time_shift(struct bridge_word_form form)
{
    return 1u + form.x_bits + form.y_bits;
}

/* All bits of a word's time set: the word is no event, time goes on. */
static uint32_t step_of(struct bridge_word_form form)
{
    return ((uint32_t)1 << (8u * form.word_bytes - time_shift(form))) - 1u;
}

void bridge_events_init(struct bridge_events *events, struct bridge_writer *writer, struct bridge_word_form form)
{
    events->writer = writer;
    events->form = form;
    events->held = 0;
    events->t0 = events->before = 0;
}

static void open_frame(struct bridge_events *events, uint32_t time)
{
    events->t0 = events->before = time;
    if (events->form.word_bytes == 0) {
        bridge_begin(events->writer, BRIDGE_EVENTS, BRIDGE_EVENTS_PLAIN, time);
        return;
    }
    struct bridge_events_compact_head head = {events->form.word_bytes, events->form.x_bits, events->form.y_bits, 0};
    bridge_begin(events->writer, BRIDGE_EVENTS, BRIDGE_EVENTS_COMPACT, time);
    bridge_put_fields(events->writer, bridge_events_compact_head_fields, BRIDGE_EVENTS_COMPACT_HEAD_FIELDS, &head);
}

static bool add_plain(struct bridge_events *events, const struct bridge_event *event)
{
    uint32_t dt = event->t - events->t0;
    if (dt > MAX_PLAIN_US || bridge_room(events->writer) < BRIDGE_EVENTS_PLAIN_RECORD_BYTES)
        return false;
    bridge_put_number(events->writer, dt, 2);
    bridge_put_number(events->writer, event->x, 2);
    bridge_put_number(events->writer, (event->y & 0x7fffu) | (uint32_t)(event->p & 1u) << 15, 2);
    return true;
}

static bool add_compact(struct bridge_events *events, const struct bridge_event *event)
{
    struct bridge_word_form form = events->form;
    uint32_t dt = event->t - events->before, step = step_of(form), low_most = ((uint32_t)1 << time_shift(form)) - 1u;
    /* Earlier than the event before looks like more than 2^31 later. */
    if (dt > MAX_SPAN_US || event->t - events->t0 > MAX_SPAN_US)
        return false;
    uint32_t steps = dt < step ? 0 : (dt - step) / (step + low_most) + 1u;
    if (steps > MOST_STEPS || bridge_room(events->writer) < (steps + 1u) * form.word_bytes)
        return false;
    while (dt >= step) {
        uint32_t low = dt - step < low_most ? dt - step : low_most;
        bridge_put_number(events->writer, step << time_shift(form) | low, form.word_bytes);
        dt -= step + low;
    }
    uint32_t x = event->x & ((1u << form.x_bits) - 1u), y = event->y & ((1u << form.y_bits) - 1u);
    bridge_put_number(events->writer, dt << time_shift(form) | y << (1u + form.x_bits) | x << 1 | (event->p & 1u), form.word_bytes);
    events->before = event->t;
    return true;
}

bool bridge_events_add(struct bridge_events *events, const struct bridge_event *event)
{
    if (events->held == 0)
        open_frame(events, event->t);
    if (!(events->form.word_bytes == 0 ? add_plain(events, event) : add_compact(events, event)))
        return false;
    events->held++;
    return true;
}

size_t bridge_events_flush(struct bridge_events *events)
{
    if (events->held == 0)
        return 0;
    events->held = 0;
    return bridge_end(events->writer);
}

static uint32_t take(struct bridge_events_reader *reader, unsigned bytes)
{
    uint32_t word = 0;
    for (unsigned i = 0; i < bytes; i++)
        word |= (uint32_t)*reader->at++ << (8u * i);
    return word;
}

bool bridge_events_next(struct bridge_events_reader *reader, struct bridge_event *event)
{
    struct bridge_word_form form = reader->form;
    if (form.word_bytes == 0) {
        if (reader->at == reader->end)
            return false;
        event->t = reader->t0 + take(reader, 2);
        event->x = (uint16_t)take(reader, 2);
        uint32_t word = take(reader, 2);
        event->y = (uint16_t)(word & 0x7fffu);
        event->p = (uint8_t)(word >> 15);
        return true;
    }
    while (reader->at != reader->end) {
        uint32_t word = take(reader, form.word_bytes), dt = word >> time_shift(form);
        reader->now += dt;
        if (dt != step_of(form)) {
            event->t = reader->now;
            event->x = (uint16_t)(word >> 1 & ((1u << form.x_bits) - 1u));
            event->y = (uint16_t)(word >> (1u + form.x_bits) & ((1u << form.y_bits) - 1u));
            event->p = (uint8_t)(word & 1u);
            return true;
        }
        reader->now += word & (((uint32_t)1 << time_shift(form)) - 1u);
    }
    return false;
}

/* Whether all words together stay within the span that a frame may have. */
static bool spans_little(struct bridge_events_reader reader)
{
    struct bridge_word_form form = reader.form;
    uint32_t left = MAX_SPAN_US;
    while (reader.at != reader.end) {
        uint32_t word = take(&reader, form.word_bytes), dt = word >> time_shift(form);
        uint32_t low = dt == step_of(form) ? word & (((uint32_t)1 << time_shift(form)) - 1u) : 0;
        if (dt > left || low > left - dt)
            return false;
        left -= dt + low;
    }
    return true;
}

bool bridge_events_open(struct bridge_events_reader *reader, const struct bridge_frame *frame)
{
    unsigned form = frame->flags & BRIDGE_FORM_MASK;
    reader->at = frame->payload;
    reader->end = frame->payload + frame->payload_bytes;
    reader->t0 = reader->now = frame->t0;
    reader->form = (struct bridge_word_form){0, 0, 0};
    if (frame->type != BRIDGE_EVENTS)
        return false;
    if (form == BRIDGE_EVENTS_PLAIN)
        return frame->payload_bytes % BRIDGE_EVENTS_PLAIN_RECORD_BYTES == 0;
    struct bridge_events_compact_head head;
    if (form != BRIDGE_EVENTS_COMPACT ||
        !bridge_get_fields(frame, 0, bridge_events_compact_head_fields, BRIDGE_EVENTS_COMPACT_HEAD_FIELDS, &head))
        return false;
    reader->form = (struct bridge_word_form){head.word_bytes, head.x_bits, head.y_bits};
    reader->at += BRIDGE_EVENTS_COMPACT_HEAD_BYTES;
    if (!is_compact(reader->form) || (size_t)(reader->end - reader->at) % head.word_bytes != 0)
        return false;
    return spans_little(*reader);
}
