/* The interface to the hardware: requested lines that are read, set and watched.
 *
 * Three backends implement it: libgpiod 1.6, libgpiod 2 and the simulator; an output may be a PWM channel of
 * the kernel instead. Names are the kernel's (Linux uAPI gpio.h): a *chip* has *lines*; a line is found by its
 * name or by chip and offset, is *requested* from the kernel with its whole configuration at once,
 * and reports *edges*. Values are logical everywhere: active_low is applied below this interface.
 *
 * This layer owns no loop. A backend reports through struct gpio_events which descriptors to watch
 * (for EPOLLIN); the owner calls gpio_dispatch() when one is readable, has an error or was hung up.
 * Edges and availability are reported only inside gpio_dispatch(), gpio_simulate() and gpio_tick(); watch
 * and wake_at may be called inside any function. A listener may set lines from its callbacks, but not
 * request or release them. */
#ifndef GPIO_GPIO_H
#define GPIO_GPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GPIO_LINES_MAX = 256, /* requested by one gateway: interface limit of circuit.lines */
    GPIO_NAME_SIZE = 33,  /* GPIO_MAX_NAME_SIZE of the kernel, and a NUL */
    GPIO_PATH_SIZE = 128, /* a chip's label, name or path in the config */
    GPIO_CONSUMER_SIZE = 33,
    GPIO_PWM_SIZE = 64, /* "/sys/class/pwm/pwmchip0/pwm0" */
    GPIO_MESSAGE_SIZE = 512,
    GPIO_FD_NAME_SIZE = 256, /* FDNAME_MAX of sd_pid_notify_with_fds(3), and a NUL */
};

enum gpio_direction { GPIO_DIRECTION_INPUT, GPIO_DIRECTION_OUTPUT };
enum gpio_bias { GPIO_BIAS_AS_IS, GPIO_BIAS_DISABLED, GPIO_BIAS_PULL_UP, GPIO_BIAS_PULL_DOWN };
enum gpio_drive { GPIO_DRIVE_PUSH_PULL, GPIO_DRIVE_OPEN_DRAIN, GPIO_DRIVE_OPEN_SOURCE };

/* The value of an output from the moment it is requested. KEEP reads the pin first. */
enum gpio_initial { GPIO_INITIAL_INACTIVE, GPIO_INITIAL_ACTIVE, GPIO_INITIAL_KEEP };

/* What a backend can do; a word of bits. */
enum gpio_capability {
    GPIO_CAN_DEBOUNCE = 1 << 0,    /* in the kernel; else the circuit does it */
    GPIO_CAN_COUNT_EDGES = 1 << 1, /* line sequence numbers: lost edges are known */
    GPIO_CAN_SET_AT_ONCE = 1 << 2, /* several lines of a chip change together */
    GPIO_CAN_SIMULATE = 1 << 3,    /* gpio_simulate() drives inputs */
};

/* Where a line is and how it is requested. Plain data; texts may be empty. */
struct gpio_line_config {
    const char *name;          /* the gateway's own name for it, for messages; borrowed */
    char gpio[GPIO_NAME_SIZE]; /* the kernel's line name, as "GPIO17"; "" when by offset */
    char chip[GPIO_PATH_SIZE]; /* label, name or path; "" for any chip */
    int offset;                /* on `chip`; -1 when by name */
    enum gpio_direction direction;
    enum gpio_bias bias;
    enum gpio_drive drive;
    enum gpio_initial initial; /* outputs only */
    bool active_low;
    uint32_t debounce_us; /* inputs only; 0 for none */
    /* Outputs only: the kernel's PWM channel on the same pin, "" for none. The line is never requested
     * on a chip then: `gpio`, `chip` and `offset` only describe the pin to people. */
    char pwm[GPIO_PWM_SIZE];
};

/* The location that was found: the chip's name ("gpiochip0"), its label, and the line there; of a PWM channel
 * its chip ("pwmchip0"), "pwm", and the channel's number. */
struct gpio_line_location {
    char chip[GPIO_NAME_SIZE];
    char label[GPIO_NAME_SIZE];
    char name[GPIO_NAME_SIZE];
    int offset;
};

/* A failure that a person must repair: the line, the errno, and one sentence with the remedy. */
struct gpio_error {
    int code;         /* negative errno */
    const char *line; /* name of the line config it is about, or NULL; borrowed */
    char
        message[GPIO_MESSAGE_SIZE]; /* "line red: GPIO17 is in use by \"gpioset\"; stop it first" */
};

/* An edge as the kernel saw it. */
struct gpio_edge {
    int line;        /* handle of the requested line */
    int value;       /* logical value after the edge: 0 or 1 */
    int64_t edge_ns; /* CLOCK_MONOTONIC of the kernel's interrupt handler */
    uint32_t lost;   /* edges of this line known to be lost around this one */
    bool overrun;    /* the kernel's queue was full and does not count (libgpiod 1.6): `lost` is at
                         * least 1, the real count is unknown */
};

/* The callbacks to the layer above. All members are set; `context` is passed back unchanged. */
struct gpio_events {
    void *context;
    /* Start or stop watching `fd` for EPOLLIN. The descriptor belongs to the backend. */
    int (*watch)(void *context, int fd, bool on);
    void (*edge)(void *context, const struct gpio_edge *edge);
    /* The chip of the line was removed (available false, with a reason), or is back and the line has its
     * declared configuration; `value` is its present value, of an output the one set last. */
    void (*available)(void *context, int line, bool available, int value, const char *reason);
    /* Asks for gpio_tick() at this monotonic time, or at once when it is past; INT64_MAX for never. Each
     * call replaces the one before. */
    void (*wake_at)(void *context, int64_t due_ns);
};

struct gpio_options {
    enum { GPIO_BACKEND_AUTO, GPIO_BACKEND_GPIOD, GPIO_BACKEND_SIMULATOR } backend;
    char chip[GPIO_PATH_SIZE]; /* default chip: label, name or path; "" for any */
    char consumer
        [GPIO_CONSUMER_SIZE];  /* the consumer that other programs see; "" for "gpio-gateway" */
    const char *device_folder; /* "/dev"; NULL for that; borrowed until gpio_free() */
    bool store_fds; /* request outputs so that gpio_store_fds() can report their descriptors */
    const char *pwm_folder; /* "/sys/class/pwm"; NULL for that; borrowed until gpio_free() */
};

struct gpio;

/* Opens the backend that `options` ask for; AUTO takes the simulator only where no
 * `<device_folder>/gpiochip*` exists. No line is touched yet. `listener` is copied.
 * 0; -ENODEV (gpiod wanted, no chip or not built in); -EACCES; -ENOMEM; `error` has the remedy. */
int gpio_new(const struct gpio_options *options, const struct gpio_events *events,
             struct gpio **ret_gpio, struct gpio_error *error);

/* Releases every line and closes every chip. NULL is legal; returns NULL. */
struct gpio *gpio_free(struct gpio *gpio);

/* "simulator", "gpiod" (any libgpiod); and the library's version text, "" for the simulator. */
const char *gpio_backend_name(const struct gpio *gpio);
const char *gpio_library_version(const struct gpio *gpio);
unsigned gpio_capabilities(const struct gpio *gpio);

/* Claims `count` lines: all or none. Direction and initial value go to the kernel in one request,
 * so that no output glitches; as many lines of a chip in one request as the library can.
 * Fills `ret_handles[count]` (small numbers from 0, free ones are used again).
 * 0; -ENOENT (no such chip or line: `error` lists the nearest names); -EBUSY (names the consumer);
 * -EACCES (names device, group and command); -EINVAL; -ENOMEM; any errno of the ioctl.
 * PWM channels are exported and enabled; one with KEEP has its value for the whole period from now on. */
int gpio_request_lines(struct gpio *gpio, const struct gpio_line_config *configs, size_t count,
                       int *ret_handles, struct gpio_error *error);

/* Gives a line back to the kernel in the next gpio_tick(), which is asked for: a line that is requested
 * again before that is changed in place. The kernel takes back whole requests only: until the others
 * of its request are released, a line is made an input (libgpiod 2) or stays as it is (libgpiod 1.6;
 * requesting it with another configuration is then -EBUSY). An unknown handle is a bug
 * of the caller. A PWM channel stays exported and keeps its last setting, also after gpio_free(). */
void gpio_release(struct gpio *gpio, int line);

/* Where a requested line was found. Borrowed until it is released. */
const struct gpio_line_location *gpio_location(const struct gpio *gpio, int line);

/* Reads several lines: the pins; of open-drain and open-source outputs, which share their wire with
 * others, the value set last. 0; -ENODEV when a chip is gone; any errno of the ioctl. */
int gpio_get(struct gpio *gpio, const int *lines, size_t count, uint8_t *ret_values);

/* Sets several outputs; the lines of one request change at once. On failure it is unknown whether a
 * line has changed. 0; -ENODEV; -EPERM for an input; any errno of the ioctl. PWM channels then have the
 * value for the whole period, and change one after the other. */
int gpio_set(struct gpio *gpio, const int *lines, const uint8_t *values, size_t count);

/* Sets the value of an output whose chip is removed for the moment when the chip is back, in place of the
 * value set last; does nothing for other lines. For outputs that must not come back on. */
void gpio_set_on_return(struct gpio *gpio, int line, uint8_t value);

/* Sets the line's PWM channel to 1 for the share `duty` (0 to 1) of each period, `hz` times a second, until
 * it is set again; gpio_get() returns whether there is any duty.
 * 0; -EOPNOTSUPP for a line without a channel; -EINVAL (out of range, or the driver cannot do it);
 * -ENODEV when the channel is gone; any errno of the driver. */
int gpio_set_pwm(struct gpio *gpio, int line, double duty, double hz);

/* Reads the events that wait on `fd` and reports them to the listener: at most 256 edges a call; with more,
 * the descriptor stays readable. */
void gpio_dispatch(struct gpio *gpio, int fd);

/* Does the work that is due (as the search for a removed chip). `now_ns` is monotonic. */
void gpio_tick(struct gpio *gpio, int64_t now_ns);

/* Drives a simulated input to a logical value at a monotonic time; the edge reaches the listener
 * before this returns, debounced as the kernel would (a later gpio_tick() where needed).
 * 0; -EOPNOTSUPP on hardware; -EPERM for an output. */
int gpio_simulate(struct gpio *gpio, int line, int value, int64_t now_ns);

/* Lines that outlive the process. The kernel holds a request as long as any process has a copy of its
 * descriptor; a service manager (FDSTORE=1 of sd_notify(3)) or another holder can keep one while the
 * program is replaced, and no pin changes. Only with gpio_options.store_fds, only outputs.
 *
 * Reports the descriptors of all requested outputs; `fd` is borrowed, `name` ("gpiochip0/17,27": no colon,
 * no control byte) must be stored with it. To be called again after lines were requested or released. */
void gpio_store_fds(struct gpio *gpio, void (*report)(void *context, const char *name, int fd),
                    void *context);

/* Gives back such a descriptor; `fd` is taken, also on failure. The next gpio_request_lines() of its lines
 * takes them over: they keep their value, whatever `initial` says, and a changed configuration is
 * applied in place; gpio_get() returns the value. At its end, descriptors of which no line was requested
 * are closed.
 * 0; -EINVAL (not such a name, or the descriptor does not hold these lines); -ENODEV (its chip is
 * gone); -EOPNOTSUPP (the simulator); -ENOMEM; any errno of the ioctl. */
int gpio_restore_fd(struct gpio *gpio, const char *name, int fd);

/* Whether the line was requested from such a descriptor, and so continues with the value of its pin. */
bool gpio_took_over(const struct gpio *gpio, int line);

/* The chips and lines of the machine, for `doctor` and messages. */
struct gpio_chip_report {
    char name[GPIO_NAME_SIZE], label[GPIO_NAME_SIZE], path[GPIO_PATH_SIZE];
    int code;       /* 0, or the errno (negative) that opening it gave */
    char group[32]; /* the device's group, for the remedy; "" when it has none */
    unsigned lines;
};
struct gpio_line_report {
    char name[GPIO_NAME_SIZE], consumer[GPIO_CONSUMER_SIZE];
    unsigned offset;
    bool used, output, active_low;
};

/* Calls `chip` for every chip in `device_folder` (NULL for "/dev"), and `line` for each line of one
 * that can be opened. Either may be NULL. 0, or -ENOENT when there is no chip at all. */
int gpio_scan_chips(const char *device_folder,
                    void (*chip)(void *context, const struct gpio_chip_report *report),
                    void (*line)(void *context, const struct gpio_chip_report *chip,
                                 const struct gpio_line_report *report),
                    void *context);

/* A line as gpio_request_lines() would find it now. */
struct gpio_finding {
    struct gpio_line_location location;
    bool used;
    char consumer[GPIO_CONSUMER_SIZE]; /* the consumer; "" if unknown */
    struct gpio_error error;           /* code 0, or the reason why it is not found */
};

/* Finds a line without changing any. `options` as for gpio_new(). A PWM channel is found when its chip
 * is there, and is never used. 0 also when the line is not found: see `ret_finding`; -ENOMEM. */
int gpio_locate(const struct gpio_options *options, const struct gpio_line_config *config,
                struct gpio_finding *ret_finding);

/* Version text of the libgpiod that is built in, "" for none. */
const char *gpio_built_in(void);

/* Whether a text has the form of gpio_line_config.pwm, "/sys/class/pwm/pwmchip0/pwm0". */
bool gpio_is_pwm_channel(const char *text);

#endif
