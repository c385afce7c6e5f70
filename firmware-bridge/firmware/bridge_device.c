#include "bridge.h"

#include <string.h>

#define SECOND_US 1000000u
#define DEFAULT_LATENCY_US 5000u
#define COMPACT_TIME_BITS 4u

static uint32_t uptime_ms(const struct bridge_device *device)
{
    return (uint32_t)(((uint64_t)device->wraps << 32 | device->now) / 1000u);
}

/* Offers the line what waits. False while something still does: then no frame may be begun. */
static bool settle(struct bridge_device *device)
{
    if (device->pending == 0)
        return true;
    if (!device->board.send(device->board.context, device->writer.wire, device->pending))
        return false;
    device->status.items += device->pending_items;
    device->pending = 0;
    return true;
}

static void close_frame(struct bridge_device *device, size_t wire_bytes, uint32_t items)
{
    device->pending = wire_bytes;
    device->pending_items = items;
    if (device->status.credit > 0 && device->limited)
        device->status.credit--;
    settle(device);
}

static void flush_events(struct bridge_device *device)
{
    uint32_t held = device->events.held;
    size_t wire_bytes = bridge_events_flush(&device->events);
    if (wire_bytes > 0)
        close_frame(device, wire_bytes, held);
}

/* Makes way for another frame. */
static bool can_begin(struct bridge_device *device)
{
    if (!settle(device))
        return false;
    flush_events(device);
    return device->pending == 0;
}

static bool has_credit(const struct bridge_device *device)
{
    return !device->limited || device->status.credit > 0;
}

static bool wanted(const struct bridge_device *device, uint8_t type)
{
    return device->status.streaming && (device->wants >> type & 1u);
}

static void say_hello(struct bridge_device *device)
{
    if (!can_begin(device))
        return;
    device->hello.uptime = uptime_ms(device);
    bridge_begin(&device->writer, BRIDGE_HELLO, 0, device->now);
    bridge_put_fields(&device->writer, bridge_hello_fields, BRIDGE_HELLO_FIELDS, &device->hello);
    close_frame(device, bridge_end(&device->writer), 0);
    device->hello_due = false;
    device->spoke_at = device->now;
}

static void beat(struct bridge_device *device)
{
    const struct bridge_counters *counters = &device->reader.counters;
    struct bridge_heartbeat *status = &device->status;
    if (!can_begin(device))
        return;
    status->boot = device->hello.boot;
    status->frames = device->writer.sent;
    status->uptime = uptime_ms(device);
    status->damaged = counters->too_long + counters->not_cobs + counters->too_short + counters->bad_crc;
    bridge_begin(&device->writer, BRIDGE_HEARTBEAT, device->answer_due ? BRIDGE_ANSWERS_FLAG : 0, device->now);
    bridge_put_fields(&device->writer, bridge_heartbeat_fields, BRIDGE_HEARTBEAT_FIELDS, status);
    close_frame(device, bridge_end(&device->writer), 0);
    device->heartbeat_due = device->answer_due = false;
    device->spoke_at = device->now;
}

void bridge_device_error(struct bridge_device *device, uint16_t code, uint16_t about, const char *text)
{
    struct bridge_error error = {code, about, {0}};
    if (!can_begin(device))
        return;
    for (size_t i = 0; i < sizeof error.text && text[i] != 0; i++)
        error.text[i] = text[i];
    bridge_begin(&device->writer, BRIDGE_ERROR, 0, device->now);
    bridge_put_fields(&device->writer, bridge_error_fields, BRIDGE_ERROR_FIELDS, &error);
    close_frame(device, bridge_end(&device->writer), 0);
}

static void set_limit(struct bridge_device *device, uint16_t limit)
{
    uint16_t ahead = (uint16_t)(limit - (uint16_t)device->writer.sent);
    device->status.credit = !device->limited ? BRIDGE_NO_LIMIT : ahead < 0x8000u ? ahead : 0;
}

static void start(struct bridge_device *device, const struct bridge_frame *frame)
{
    struct bridge_start start;
    if (!bridge_get_fields(frame, 0, bridge_start_fields, BRIDGE_START_FIELDS, &start)) {
        bridge_device_error(device, BRIDGE_ERROR_PAYLOAD, BRIDGE_START, "START is too short");
        return;
    }
    if (start.version != BRIDGE_VERSION) {
        bridge_device_error(device, BRIDGE_ERROR_VERSION, start.version, "this device speaks version 1");
        return;
    }
    struct bridge_word_form plain = {0, 0, 0};
    size_t most = start.max_frame < BRIDGE_MIN_FRAME ? BRIDGE_MIN_FRAME : start.max_frame;
    device->writer.max_frame = most < device->max_frame ? most : device->max_frame;
    device->wants = start.wants & device->hello.sends;
    device->limited = start.flow != 0;
    device->status.streaming = 1;
    bridge_events_init(&device->events, &device->writer, start.form == BRIDGE_EVENTS_COMPACT ? device->compact : plain);
    set_limit(device, start.limit);
    device->hello_due = false;
    device->heartbeat_due = true;
}

static void configure(struct bridge_device *device, const struct bridge_frame *frame)
{
    struct bridge_config_record setting;
    for (size_t at = 0; bridge_get_fields(frame, at, bridge_config_record_fields, BRIDGE_CONFIG_RECORD_FIELDS, &setting);
         at += BRIDGE_CONFIG_RECORD_BYTES) {
        uint32_t value = setting.value > 0 ? (uint32_t)setting.value : 0;
        if (setting.key == BRIDGE_SETTING_HEARTBEAT_MS && value >= 10 && value <= 1000)
            device->heartbeat_us = value * 1000u;
        else if (setting.key == BRIDGE_SETTING_LATENCY_US && value <= SECOND_US)
            device->latency_us = value;
        else if (device->board.configure == NULL || !device->board.configure(device->board.context, setting.key, setting.value))
            bridge_device_error(device, BRIDGE_ERROR_SETTING, setting.key, "this setting is not known");
    }
}

static void obey(struct bridge_device *device, const struct bridge_frame *frame)
{
    struct bridge_credit credit;
    /* The open frame was begun under the old rules: it goes first. */
    flush_events(device);
    device->status.received++;
    switch (frame->type) {
    case BRIDGE_START:
        start(device, frame);
        break;
    case BRIDGE_STOP:
        device->status.streaming = 0;
        device->hello_due = true;
        break;
    case BRIDGE_CREDIT:
        if (bridge_get_fields(frame, 0, bridge_credit_fields, BRIDGE_CREDIT_FIELDS, &credit))
            set_limit(device, credit.limit);
        break;
    case BRIDGE_CONFIG:
        configure(device, frame);
        break;
    case BRIDGE_TIME:
        device->status.answers = frame->seq;
        device->answer_due = true;
        break;
    default:
        bridge_device_error(device, BRIDGE_ERROR_TYPE, frame->type, "this type is not known");
    }
}

void bridge_device_init(struct bridge_device *device, const struct bridge_board *board, const struct bridge_hello *hello,
                        uint8_t *wire, size_t max_frame, uint8_t *inbox, size_t max_receive, uint32_t now)
{
    memset(device, 0, sizeof *device);
    device->board = *board;
    device->hello = *hello;
    device->hello.version = BRIDGE_VERSION;
    device->hello.schema = BRIDGE_SCHEMA;
    device->hello.max_frame = (uint16_t)max_frame;
    device->hello.max_receive = (uint16_t)max_receive;
    device->max_frame = max_frame;
    device->compact = bridge_choose_form(hello->width, hello->height, COMPACT_TIME_BITS);
    device->status.credit = BRIDGE_NO_LIMIT;
    device->heartbeat_us = SECOND_US;
    device->latency_us = DEFAULT_LATENCY_US;
    device->now = now;
    device->hello_due = true;
    bridge_writer_init(&device->writer, wire, max_frame);
    bridge_reader_init(&device->reader, inbox, max_receive);
    bridge_events_init(&device->events, &device->writer, device->compact);
}

void bridge_device_poll(struct bridge_device *device, uint32_t now)
{
    if (now < device->now)
        device->wraps++;
    device->now = now;
    settle(device);
    if (device->events.held > 0 && now - device->held_at >= device->latency_us && device->pending == 0)
        flush_events(device);
    if (now - device->spoke_at >= device->heartbeat_us) {
        if (device->status.streaming)
            device->heartbeat_due = true;
        else
            device->hello_due = true;
    }
    if (device->hello_due)
        say_hello(device);
    if (device->heartbeat_due || device->answer_due)
        beat(device);
}

void bridge_device_receive(struct bridge_device *device, uint32_t now, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bridge_read_byte(&device->reader, bytes[i]))
            obey(device, &device->reader.frame);
    bridge_device_poll(device, now);
}

bool bridge_device_event(struct bridge_device *device, const struct bridge_event *event)
{
    struct bridge_events *events = &device->events;
    if (!wanted(device, BRIDGE_EVENTS))
        return false;
    if (!settle(device)) {
        device->status.lost_ring++;
        return false;
    }
    if (events->held > 0 && bridge_events_add(events, event))
        return true;
    if (!can_begin(device)) {
        device->status.lost_ring++;
        return false;
    }
    if (!has_credit(device)) {
        device->status.lost_credit++;
        return false;
    }
    device->held_at = device->now;
    return bridge_events_add(events, event);
}

/* Whether a data frame of n items may be begun; counts them when it may not. */
static bool admit(struct bridge_device *device, uint8_t type, size_t payload_bytes, uint32_t n)
{
    bool fits = payload_bytes <= device->writer.max_frame - BRIDGE_HEADER_BYTES - BRIDGE_CHECK_BYTES;
    if (!wanted(device, type))
        return false;
    if (!fits || !can_begin(device)) {
        device->status.lost_ring += n;
        return false;
    }
    if (!has_credit(device)) {
        device->status.lost_credit += n;
        return false;
    }
    return true;
}

bool bridge_device_vendor(struct bridge_device *device, uint8_t protocol, uint8_t port, uint32_t t0, uint16_t span,
                          const uint8_t *bytes, size_t n)
{
    struct bridge_vendor_head head = {protocol, port, span};
    if (!admit(device, BRIDGE_VENDOR, BRIDGE_VENDOR_HEAD_BYTES + n, (uint32_t)n))
        return false;
    bridge_begin(&device->writer, BRIDGE_VENDOR, 0, t0);
    bridge_put_fields(&device->writer, bridge_vendor_head_fields, BRIDGE_VENDOR_HEAD_FIELDS, &head);
    bridge_put(&device->writer, bytes, n);
    close_frame(device, bridge_end(&device->writer), (uint32_t)n);
    return true;
}

bool bridge_device_polar(struct bridge_device *device, uint32_t t0, const struct bridge_points_polar_head *head,
                         const struct bridge_points_polar_record *points, size_t n)
{
    size_t payload_bytes = BRIDGE_POINTS_POLAR_HEAD_BYTES + n * BRIDGE_POINTS_POLAR_RECORD_BYTES;
    if (!admit(device, BRIDGE_POINTS, payload_bytes, (uint32_t)n))
        return false;
    bridge_begin(&device->writer, BRIDGE_POINTS, BRIDGE_POINTS_POLAR, t0);
    bridge_put_fields(&device->writer, bridge_points_polar_head_fields, BRIDGE_POINTS_POLAR_HEAD_FIELDS, head);
    for (size_t i = 0; i < n; i++)
        bridge_put_fields(&device->writer, bridge_points_polar_record_fields, BRIDGE_POINTS_POLAR_RECORD_FIELDS, &points[i]);
    close_frame(device, bridge_end(&device->writer), (uint32_t)n);
    return true;
}

bool bridge_device_decisions(struct bridge_device *device, uint32_t t0, const struct bridge_result_decision_record *decisions, size_t n)
{
    if (!admit(device, BRIDGE_RESULT, n * BRIDGE_RESULT_DECISION_RECORD_BYTES, (uint32_t)n))
        return false;
    bridge_begin(&device->writer, BRIDGE_RESULT, BRIDGE_RESULT_DECISION, t0);
    for (size_t i = 0; i < n; i++)
        bridge_put_fields(&device->writer, bridge_result_decision_record_fields, BRIDGE_RESULT_DECISION_RECORD_FIELDS, &decisions[i]);
    close_frame(device, bridge_end(&device->writer), (uint32_t)n);
    return true;
}

bool bridge_device_logits(struct bridge_device *device, uint32_t t0, const struct bridge_result_logits_head *head, const int32_t *logits, size_t n)
{
    if (!admit(device, BRIDGE_RESULT, BRIDGE_RESULT_LOGITS_HEAD_BYTES + n * BRIDGE_RESULT_LOGITS_RECORD_BYTES, 1))
        return false;
    bridge_begin(&device->writer, BRIDGE_RESULT, BRIDGE_RESULT_LOGITS, t0);
    bridge_put_fields(&device->writer, bridge_result_logits_head_fields, BRIDGE_RESULT_LOGITS_HEAD_FIELDS, head);
    for (size_t i = 0; i < n; i++)
        bridge_put_number(&device->writer, (uint32_t)logits[i], 4);
    close_frame(device, bridge_end(&device->writer), 1);
    return true;
}

void bridge_device_lost(struct bridge_device *device, uint32_t items)
{
    device->status.lost_sensor += items;
}
