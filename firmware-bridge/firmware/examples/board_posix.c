/*
 * The examples as processes: the host's line is standard input and output, the sensor's interrupt is a timer signal, which comes between any
 * two instructions as an interrupt does. The camera shows BOARD_PIXELS events, of which event k can be told by its pixel; what a
 * sensor's UART says comes by file descriptor 3. Ends when the host closes the line.
 */
#define _DEFAULT_SOURCE
#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define TICK_US 200
#define SENSOR_FD 3
#define WIDTH 128u
#define HEIGHT 128u

static uint32_t pixels_due, pixels_shown, pixels_most, pixels_per_tick;

uint32_t board_micros(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u);
}

uint32_t board_boot(void)
{
    return (uint32_t)getpid();
}

bool board_send(void *context, const uint8_t *bytes, size_t n)
{
    (void)context;
    struct pollfd line = {STDOUT_FILENO, POLLOUT, 0};
    if (poll(&line, 1, 0) != 1)
        return false;
    for (size_t at = 0; at < n;) {
        ssize_t written = write(STDOUT_FILENO, bytes + at, n - at);
        if (written > 0)
            at += (size_t)written;
        else if (errno != EINTR)
            exit(0);
    }
    return true;
}

size_t board_receive(uint8_t *bytes, size_t n)
{
    struct pollfd line = {STDIN_FILENO, POLLIN, 0};
    if (poll(&line, 1, 0) != 1)
        return 0;
    ssize_t got = read(STDIN_FILENO, bytes, n);
    if (got == 0)
        exit(0);
    return got > 0 ? (size_t)got : 0;
}

void board_idle(void)
{
    pause();
}

bool board_pixel(uint16_t *x, uint16_t *y, uint8_t *p)
{
    if (pixels_shown == pixels_due)
        return false;
    *x = (uint16_t)(pixels_shown % WIDTH);
    *y = (uint16_t)(pixels_shown / WIDTH % HEIGHT);
    *p = (uint8_t)(pixels_shown & 1u);
    pixels_shown++;
    return true;
}

bool board_byte(uint8_t *byte)
{
    return read(SENSOR_FD, byte, 1) == 1;
}

void board_tell_sensor(const uint8_t *bytes, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t written = write(SENSOR_FD, bytes + at, n - at);
        if (written > 0)
            at += (size_t)written;
        else if (errno != EINTR && errno != EAGAIN)
            return;
    }
}

static void tick(int signal_number)
{
    (void)signal_number;
    int before = errno;
    pixels_due = pixels_most - pixels_due < pixels_per_tick ? pixels_most : pixels_due + pixels_per_tick;
    sensor_interrupt();
    errno = before;
}

static uint32_t number(const char *name)
{
    const char *text = getenv(name);
    return text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
}

/* Before main: a board is there when its program begins. */
__attribute__((constructor)) static void power_on(void)
{
    struct itimerval every = {{0, TICK_US}, {0, TICK_US}};
    pixels_most = number("BOARD_PIXELS");
    pixels_per_tick = number("BOARD_PIXELS_PER_TICK");
    if (fcntl(SENSOR_FD, F_GETFL) != -1)
        fcntl(SENSOR_FD, F_SETFL, O_NONBLOCK);
    signal(SIGALRM, tick);
    signal(SIGPIPE, SIG_IGN);
    setitimer(ITIMER_REAL, &every, NULL);
}
