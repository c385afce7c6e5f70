/*
 * Runs vectors of test/firmware-bridge/vectors.ts through the C codec. stdin: u32 words, little-endian, a length and that many words a
 * vector. stdout: the same shape, one answer a vector.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge.h"

#define ROWS(name) bridge_##name##_fields, sizeof bridge_##name##_fields / sizeof bridge_##name##_fields[0]

struct form {
    uint8_t type, form;
    const struct bridge_field *head;
    size_t head_fields;
    const struct bridge_field *record;
    size_t record_fields;
};

static const struct form FORMS[] = {
    {BRIDGE_HELLO, 0, ROWS(hello), NULL, 0},
    {BRIDGE_EVENTS, BRIDGE_EVENTS_PLAIN, NULL, 0, ROWS(events_plain_record)},
    {BRIDGE_EVENTS, BRIDGE_EVENTS_COMPACT, ROWS(events_compact_head), NULL, 0},
    {BRIDGE_POINTS, BRIDGE_POINTS_POLAR, ROWS(points_polar_head), ROWS(points_polar_record)},
    {BRIDGE_POINTS, BRIDGE_POINTS_CARTESIAN, ROWS(points_cartesian_head), ROWS(points_cartesian_record)},
    {BRIDGE_VENDOR, 0, ROWS(vendor_head), ROWS(vendor_record)},
    {BRIDGE_RESULT, BRIDGE_RESULT_DECISION, NULL, 0, ROWS(result_decision_record)},
    {BRIDGE_RESULT, BRIDGE_RESULT_DETECTION, NULL, 0, ROWS(result_detection_record)},
    {BRIDGE_RESULT, BRIDGE_RESULT_LOGITS, ROWS(result_logits_head), ROWS(result_logits_record)},
    {BRIDGE_HEARTBEAT, 0, ROWS(heartbeat), NULL, 0},
    {BRIDGE_ERROR, 0, ROWS(error), NULL, 0},
    {BRIDGE_START, 0, ROWS(start), NULL, 0},
    {BRIDGE_STOP, 0, NULL, 0, NULL, 0},
    {BRIDGE_CREDIT, 0, ROWS(credit), NULL, 0},
    {BRIDGE_CONFIG, 0, NULL, 0, ROWS(config_record)},
    {BRIDGE_TIME, 0, ROWS(time), NULL, 0},
};

enum { ENCODE = 1, EVENTS = 2, DECODE = 3, CHOOSE = 4 };

static uint32_t *answer;
static size_t answer_words, answer_room;

static void say(uint32_t word)
{
    if (answer_words == answer_room) {
        answer_room = answer_room * 2 + 1024;
        answer = realloc(answer, answer_room * sizeof *answer);
        if (answer == NULL)
            exit(3);
    }
    answer[answer_words++] = word;
}

static void say_bytes(const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        say(bytes[i]);
}

static const struct form *find(uint32_t type, uint32_t form)
{
    for (size_t i = 0; i < sizeof FORMS / sizeof FORMS[0]; i++)
        if (FORMS[i].type == type && FORMS[i].form == form)
            return &FORMS[i];
    return NULL;
}

static size_t bytes_of(uint8_t type)
{
    static const size_t BYTES[] = {1, 2, 2, 4, 4, 24, 32};
    return BYTES[type];
}

static size_t wire_bytes(const struct bridge_field *fields, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += bytes_of(fields[i].type);
    return bytes;
}

/* Numbers take one word each, text one word a letter. */
static const uint32_t *fill(const struct bridge_field *fields, size_t n, const uint32_t *words, uint8_t *values)
{
    for (size_t i = 0; i < n; i++) {
        uint8_t *value = values + fields[i].at;
        size_t bytes = bytes_of(fields[i].type);
        if (bytes > 4)
            for (size_t k = 0; k < bytes; k++)
                value[k] = (uint8_t)*words++;
        else {
            uint8_t byte = (uint8_t)*words;
            uint16_t half = (uint16_t)*words;
            memcpy(value, bytes == 1 ? (void *)&byte : bytes == 2 ? (void *)&half : (void *)(uintptr_t)words, bytes);
            words++;
        }
    }
    return words;
}

static void say_values(const struct bridge_field *fields, size_t n, const uint8_t *values)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *value = values + fields[i].at;
        size_t bytes = bytes_of(fields[i].type);
        uint16_t half;
        uint32_t word;
        if (bytes > 4)
            say_bytes(value, bytes);
        else if (bytes == 1)
            say(*value);
        else if (bytes == 2) {
            memcpy(&half, value, 2);
            say(half);
        } else {
            memcpy(&word, value, 4);
            say(word);
        }
    }
}

/* max_frame, type, form, flags, seq, t0, records, head and record values */
static void encode(const uint32_t *words)
{
    static uint8_t wire[BRIDGE_WIRE_BYTES(BRIDGE_MAX_FRAME)];
    struct bridge_writer writer;
    union {
        uint8_t bytes[256];
        uint32_t aligned;
    } values;
    const struct form *form = find(words[1], words[2]);
    bridge_writer_init(&writer, wire, words[0]);
    writer.sent = words[4];
    uint32_t records = words[6];
    bridge_begin(&writer, (uint8_t)words[1], (uint8_t)words[3], words[5]);
    words = fill(form->head, form->head_fields, words + 7, values.bytes);
    bridge_put_fields(&writer, form->head, form->head_fields, &values);
    for (uint32_t i = 0; i < records; i++) {
        words = fill(form->record, form->record_fields, words, values.bytes);
        if (bridge_room(&writer) < wire_bytes(form->record, form->record_fields))
            exit(4);
        bridge_put_fields(&writer, form->record, form->record_fields, &values);
    }
    size_t n = bridge_end(&writer);
    say_bytes(wire, n);
}

/* max_frame, word_bytes, x_bits, y_bits, seq, count, count * (t, x, y, p) */
static void events(const uint32_t *words)
{
    static uint8_t wire[BRIDGE_WIRE_BYTES(BRIDGE_MAX_FRAME)];
    struct bridge_writer writer;
    struct bridge_events open;
    struct bridge_word_form form = {(uint8_t)words[1], (uint8_t)words[2], (uint8_t)words[3]};
    bridge_writer_init(&writer, wire, words[0]);
    writer.sent = words[4];
    bridge_events_init(&open, &writer, form);
    uint32_t count = words[5];
    words += 6;
    for (uint32_t i = 0; i < count; i++, words += 4) {
        struct bridge_event event = {words[0], (uint16_t)words[1], (uint16_t)words[2], (uint8_t)words[3]};
        if (bridge_events_add(&open, &event))
            continue;
        size_t n = bridge_events_flush(&open);
        say_bytes(wire, n);
        if (!bridge_events_add(&open, &event))
            exit(5);
    }
    size_t n = bridge_events_flush(&open);
    say_bytes(wire, n);
}

static void say_events(const struct bridge_frame *frame)
{
    struct bridge_events_reader reader;
    struct bridge_event event;
    bool good = bridge_events_open(&reader, frame);
    say(good);
    while (good && bridge_events_next(&reader, &event)) {
        say(event.t);
        say(event.x);
        say(event.y);
        say(event.p);
    }
}

static void say_fields(const struct bridge_frame *frame, const struct form *form)
{
    union {
        uint8_t bytes[256];
        uint32_t aligned;
    } values;
    size_t at = wire_bytes(form->head, form->head_fields), step = wire_bytes(form->record, form->record_fields);
    bool whole = bridge_get_fields(frame, 0, form->head, form->head_fields, &values);
    bool good = whole && (step == 0 || (frame->payload_bytes - at) % step == 0);
    say(good);
    if (!good)
        return;
    say_values(form->head, form->head_fields, values.bytes);
    for (; step > 0 && at < frame->payload_bytes; at += step) {
        bridge_get_fields(frame, at, form->record, form->record_fields, &values);
        say_values(form->record, form->record_fields, values.bytes);
    }
}

/* max_frame, count, bytes */
static void decode(const uint32_t *words)
{
    /* On the heap, and as large as it must be: the sanitizer sees one byte too many. */
    uint8_t *inbox = malloc(words[0]);
    struct bridge_reader reader;
    if (inbox == NULL)
        exit(3);
    bridge_reader_init(&reader, inbox, words[0]);
    for (uint32_t i = 0; i < words[1]; i++) {
        if (!bridge_read_byte(&reader, (uint8_t)words[2 + i]))
            continue;
        const struct bridge_frame *frame = &reader.frame;
        const struct form *form = find(frame->type, frame->flags & BRIDGE_FORM_MASK);
        say(frame->type);
        say(frame->flags);
        say(frame->seq);
        say(frame->t0);
        say((uint32_t)frame->payload_bytes);
        say(bridge_crc32(0, frame->payload, frame->payload_bytes));
        if (frame->type == BRIDGE_EVENTS)
            say_events(frame);
        else if (form != NULL)
            say_fields(frame, form);
    }
    const struct bridge_counters *counters = &reader.counters;
    say(counters->good);
    say(counters->too_long);
    say(counters->not_cobs);
    say(counters->too_short);
    say(counters->bad_crc);
    free(inbox);
}

int main(void)
{
    uint32_t length;
    while (fread(&length, sizeof length, 1, stdin) == 1) {
        uint32_t *words = malloc((length + 1u) * sizeof *words);
        if (words == NULL || fread(words, sizeof *words, length, stdin) != length)
            return 2;
        answer_words = 0;
        if (words[0] == ENCODE)
            encode(words + 1);
        else if (words[0] == EVENTS)
            events(words + 1);
        else if (words[0] == CHOOSE) {
            struct bridge_word_form form = bridge_choose_form(words[1], words[2], words[3]);
            say(form.word_bytes);
            say(form.x_bits);
            say(form.y_bits);
        } else
            decode(words + 1);
        uint32_t count = (uint32_t)answer_words;
        fwrite(&count, sizeof count, 1, stdout);
        fwrite(answer, sizeof *answer, answer_words, stdout);
        free(words);
    }
    free(answer);
    return 0;
}
