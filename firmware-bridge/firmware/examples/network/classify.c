/*
 * A network on a microcontroller, behind an event camera: windows of events in, RESULT frames out, logits and times. The host gives them
 * labels (`saccade run`, `results:` of a source).
 *
 *     npx saccade export nmnist --target c --name network -o .
 *
 * Compile it with network.c, ../../embed/saccade.c as saccade.h says, the bridge's sources, a board, and one of the cameras:
 * camera_bridge.c or camera_recording.c.
 * RAM beside the engine's: frames 1 KiB, and the camera's.
 */
#include "../board.h"
#include "camera.h"
#include "network.h"
#include "saccade.h"

#define MAX_FRAME 1024u
#define WINDOW_US SACCADE_NETWORK_WINDOW_US
#define TIMESTEPS SACCADE_NETWORK_TIMESTEPS
/* A camera's time that goes this far at once, or back, begins windows anew. */
#define GAP_US 10000000u
#define IDENTITY_WORD 13
#define EVENTS_A_TURN 256u

#if SACCADE_NETWORK_FRAMING != 0
#error "this example makes windows by time"
#endif

static struct bridge_device device;
/* The open window: [start, start + WINDOW_US) of the camera's clock, at its slice. */
static struct bridge_result_logits_head window;
static uint32_t start, slice, offset;
static bool open;

/* Slice k begins at k * WINDOW_US / TIMESTEPS, rounded down. */
static uint32_t slice_begin(uint32_t k)
{
    return start + (uint32_t)((uint64_t)k * WINDOW_US / TIMESTEPS);
}

static void begin_window(uint32_t at)
{
    start = at;
    slice = 0;
    open = true;
    window.events = window.infer = 0;
    if (SACCADE_NETWORK_STATE_RESETS)
        saccade_reset();
    saccade_begin_window();
}

static void end_slice(void)
{
    uint32_t n, from = board_micros();
    saccade_status status = saccade_step();
    window.infer += board_micros() - from;
    if (status != SACCADE_OK)
        bridge_device_error(&device, BRIDGE_ERROR_SENSOR_FAULT, (uint16_t)status, "the engine has stopped");
    if (++slice < TIMESTEPS)
        return;
    const int32_t *logits = saccade_output(&n);
    bridge_device_logits(&device, start + offset, &window, logits, n);
    window.window++;
    begin_window(start + WINDOW_US);
}

/* Ends the slices that are over at `time` of the camera's clock. */
static void advance(uint32_t time)
{
    if (open && time - start > GAP_US && start - time > GAP_US)
        open = false;
    while (open && (int32_t)(time - slice_begin(slice + 1)) >= 0)
        end_slice();
}

static void take(const struct bridge_event *event, uint32_t now)
{
    advance(event->t);
    if (!open) {
        offset = now - event->t;
        begin_window(event->t);
    }
    saccade_event(event->x, event->y, event->p);
    window.events++;
}

/* Whether a host listens to a network that runs. It begins at rest whenever one begins to. */
static bool listened(uint32_t now)
{
    static bool before, refused;
    bool streaming = device.status.streaming != 0;
    if (streaming && !before) {
        saccade_status status = saccade_load(saccade_network_plan, SACCADE_NETWORK_BYTES);
        refused = status != SACCADE_OK;
        if (refused)
            bridge_device_error(&device, BRIDGE_ERROR_SENSOR_FAULT, (uint16_t)status, "the engine refuses the network");
        open = false;
        window.window = 0;
        camera_begin(now);
    } else if (before && !streaming) {
        camera_end();
    }
    before = streaming;
    return streaming && !refused;
}

/* Events that have come. Returns how many there were. */
static uint32_t look(uint32_t now)
{
    struct bridge_event event;
    uint32_t events = 0, time;
    for (; events < EVENTS_A_TURN && camera_next(now, &event); events++)
        take(&event, now);
    if (events == 0 && camera_time(now, &time))
        advance(time);
    return events;
}

int main(void)
{
    static uint8_t wire[BRIDGE_WIRE_BYTES(MAX_FRAME)], inbox[BRIDGE_MIN_FRAME];
    struct bridge_board board = {board_send, NULL, NULL};
    struct bridge_hello mine = {.sends = 1u << BRIDGE_RESULT, .width = SACCADE_NETWORK_WIDTH, .height = SACCADE_NETWORK_HEIGHT, .tick = 1000,
                                .name = "network example"};
    uint32_t told = 0;
    mine.boot = board_boot();
    bridge_device_init(&device, &board, &mine, wire, MAX_FRAME, inbox, sizeof inbox, board_micros());
    window.span = WINDOW_US;
    window.identity = saccade_network_plan[IDENTITY_WORD];
    for (;;) {
        uint8_t bytes[32];
        uint32_t now = board_micros(), events = 0;
        size_t n = board_receive(bytes, sizeof bytes);
        bridge_device_receive(&device, now, bytes, n);
        if (listened(now)) {
            events = look(now);
            uint32_t lost = camera_lost();
            bridge_device_lost(&device, lost - told);
            told = lost;
        }
        if (n == 0 && events == 0)
            board_idle();
    }
}
