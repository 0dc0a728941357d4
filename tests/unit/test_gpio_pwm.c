/* PWM channels in a folder that is built as the kernel builds /sys/class/pwm. The order of the writes is
 * read from inotify(7); a thread plays the kernel, which makes a channel's folder when it is exported.
 * The chips' backend is one that counts what it is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/owner.h"
#include "gpio/backend.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { NOBODY = 65534, UDEV_MS = 60 };

#define CHANNEL "/sys/class/pwm/pwmchip0/pwm0"

struct pwm_world {
    char folder[64];
    struct gpio *gpio;
    struct gpio_error error;
    int watch_fd; /* what was written in the channel's folder */
    pthread_t kernel;
    int export_fd; /* inotify of the thread */
    mode_t mode;   /* of the files that it makes at first; udev makes them 0644 a little later */
};

/* ---- a backend that counts ---------------------------------------------------------------- */

static struct {
    size_t requested, released, set;
    unsigned capabilities;
} asked;

static unsigned count_capabilities(void)
{
    return asked.capabilities;
}

static void count_close(struct gpio *gpio)
{
    (void)gpio;
}

static int count_claim(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                       struct gpio_error *error)
{
    (void)gpio, (void)error;
    for (size_t i = 0; i < count; i++)
        assert_string_equal(lines[i]->config.pwm, "");
    asked.requested += count;
    return 0;
}

static void count_release(struct gpio *gpio, struct gpio_line *line)
{
    (void)gpio;
    assert_string_equal(line->config.pwm, "");
    asked.released++;
}

static int count_get(struct gpio *gpio, struct gpio_line *const *lines, size_t count,
                     uint8_t *ret_values)
{
    (void)gpio;
    for (size_t i = 0; i < count; i++)
        ret_values[i] = lines[i]->value;
    return 0;
}

static int count_set(struct gpio *gpio, struct gpio_line *const *lines, const uint8_t *values,
                     size_t count)
{
    (void)gpio;
    for (size_t i = 0; i < count; i++)
        lines[i]->value = values[i];
    asked.set += count;
    return 0;
}

static const struct gpio_backend counting = {
    .name = "counting",
    .capabilities = count_capabilities,
    .close = count_close,
    .request_lines = count_claim,
    .release = count_release,
    .get = count_get,
    .set = count_set,
};

/* ---- the kernel --------------------------------------------------------------------------- */

static struct pwm_world *world_of(void **state)
{
    return *state;
}

static char *path_of(const struct pwm_world *world, const char *file, char path[128])
{
    (void)snprintf(path, 128, "%s/pwmchip0/%s", world->folder, file);
    return path;
}

static void put(const struct pwm_world *world, const char *file, const char *text)
{
    char path[128];
    AUTO_FILE stream = fopen(path_of(world, file, path), "we");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0);
}

static int64_t number_in(const struct pwm_world *world, const char *file)
{
    char path[128];
    char text[32] = "";
    AUTO_FILE stream = fopen(path_of(world, file, path), "re");
    assert_non_null(stream);
    assert_non_null(fgets(text, sizeof text, stream));
    return strtoll(text, NULL, 10);
}

static void make_folder(const struct pwm_world *world, const char *name)
{
    char path[128];
    assert_int_equal(mkdir(path_of(world, name, path), 0755), 0);
}

static void make_channel(const struct pwm_world *world, const char *period, const char *duty,
                         const char *enable, const char *polarity)
{
    make_folder(world, "pwm0");
    put(world, "pwm0/period", period);
    put(world, "pwm0/duty_cycle", duty);
    put(world, "pwm0/enable", enable);
    put(world, "pwm0/polarity", polarity);
}

static void *play_kernel(void *context)
{
    const struct pwm_world *world = context;
    char bytes[512];
    char path[128];
    static const char *const files[] = {"pwm0/period", "pwm0/duty_cycle", "pwm0/enable"};
    if (read(world->export_fd, bytes, sizeof bytes) <= 0)
        return NULL;
    assert_int_equal(number_in(world, "export"), 0);
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
        (void)chmod(path_of(world, files[i], path), world->mode);
    (void)usleep(UDEV_MS * 1000);
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
        (void)chmod(path_of(world, files[i], path), 0666);
    return NULL;
}

static void start_kernel(struct pwm_world *world, mode_t mode)
{
    char path[128];
    world->mode = mode;
    world->export_fd = inotify_init1(IN_CLOEXEC);
    assert_true(
        inotify_add_watch(world->export_fd, path_of(world, "export", path), IN_CLOSE_WRITE) >= 0);
    assert_int_equal(pthread_create(&world->kernel, NULL, play_kernel, world), 0);
}

static void stop_kernel(struct pwm_world *world)
{
    (void)pthread_join(world->kernel, NULL);
    (void)close(world->export_fd);
}

static int open_world(void **state)
{
    struct pwm_world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->folder, sizeof world->folder, "/tmp/test-gpio-pwm-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    assert_int_equal(chmod(world->folder, 0755), 0);
    make_folder(world, "");
    put(world, "npwm", "2\n");
    put(world, "export", "");
    world->watch_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    world->gpio = calloc(1, sizeof *world->gpio);
    assert_non_null(world->gpio);
    world->gpio->backend = &counting;
    world->gpio->pwm_folder = world->folder;
    memset(&asked, 0, sizeof asked);
    *state = world;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static int close_world(void **state)
{
    struct pwm_world *world = *state;
    world->gpio = gpio_free(world->gpio);
    (void)close(world->watch_fd);
    assert_int_equal(nftw(world->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(world);
    return 0;
}

/* ---- words -------------------------------------------------------------------------------- */

static struct gpio_line_config fan_config(void)
{
    return (struct gpio_line_config){.name = "fan",
                                     .gpio = "GPIO18",
                                     .offset = -1,
                                     .direction = GPIO_DIRECTION_OUTPUT,
                                     .pwm = CHANNEL};
}

static int try_claim(struct pwm_world *world, const struct gpio_line_config *config)
{
    int line;
    return gpio_request_lines(world->gpio, config, 1, &line, &world->error);
}

/* Of this thread alone: the one that plays the kernel stays root, which seteuid(3) would not let it. */
static void become(uid_t user)
{
    assert_int_equal(syscall(SYS_setresuid, -1, user, -1), 0);
}

static int request_lines(struct pwm_world *world, const struct gpio_line_config *config)
{
    int line;
    char path[128];
    if (gpio_request_lines(world->gpio, config, 1, &line, &world->error) < 0)
        fail_msg("%s", world->error.message);
    assert_true(inotify_add_watch(world->watch_fd, path_of(world, "pwm0", path), IN_CLOSE_WRITE) >=
                0);
    return line;
}

static void set(struct pwm_world *world, int line, uint8_t value)
{
    assert_int_equal(gpio_set(world->gpio, &line, &value, 1), 0);
}

static uint8_t get(struct pwm_world *world, int line)
{
    uint8_t value = 7;
    assert_int_equal(gpio_get(world->gpio, &line, 1, &value), 0);
    return value;
}

static void expect_channel(const struct pwm_world *world, int64_t period_ns, int64_t duty_ns)
{
    assert_int_equal(number_in(world, "pwm0/period"), period_ns);
    assert_int_equal(number_in(world, "pwm0/duty_cycle"), duty_ns);
    assert_int_equal(number_in(world, "pwm0/enable"), 1);
}

static void expect_said(const struct pwm_world *world, const char *part)
{
    if (!strstr(world->error.message, part))
        fail_msg("\"%s\" is not in \"%s\"", part, world->error.message);
}

/* ---- claiming ----------------------------------------------------------------------------- */

static void channel_is_exported_and_enabled_with_its_first_value(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    config.initial = GPIO_INITIAL_ACTIVE;
    start_kernel(world, 0666);
    int line = request_lines(world, &config);
    stop_kernel(world);
    expect_channel(world, 1000000, 1000000);
    assert_int_equal(get(world, line), 1);
    const struct gpio_line_location *location = gpio_location(world->gpio, line);
    assert_string_equal(location->chip, "pwmchip0");
    assert_string_equal(location->name, "GPIO18");
    assert_int_equal(location->offset, 0);
    assert_int_equal(asked.requested, 0);
}

static void permission_that_comes_late_is_waited_for(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    char path[128];
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(path_of(world, "export", path), 0666), 0);
    start_kernel(world, 0600);
    become(NOBODY);
    int code = try_claim(world, &config);
    become(0);
    stop_kernel(world);
    assert_int_equal(code, 0);
    expect_channel(world, 1000000, 0);
}

static void channel_that_is_exported_is_not_exported_again(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    make_channel(world, "5000000\n", "2500000\n", "1\n", "normal\n");
    put(world, "export", "untouched");
    (void)request_lines(world, &config);
    expect_channel(world, 5000000, 0);
    char path[128];
    struct stat status;
    assert_int_equal(stat(path_of(world, "export", path), &status), 0);
    assert_int_equal(status.st_size, strlen("untouched"));
}

static void kept_value_is_whether_there_is_any_duty(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    config.initial = GPIO_INITIAL_KEEP;
    make_channel(world, "5000000\n", "2500000\n", "1\n", "normal\n");
    int line = request_lines(world, &config);
    assert_int_equal(get(world, line), 1);
    expect_channel(world, 5000000, 5000000);
    gpio_release(world->gpio, line);
    put(world, "pwm0/duty_cycle", "0\n");
    line = request_lines(world, &config);
    assert_int_equal(get(world, line), 0);
    expect_channel(world, 5000000, 0);
    gpio_release(world->gpio, line);
    put(world, "pwm0/duty_cycle", "2500000\n");
    put(world, "pwm0/enable", "0\n");
    line = request_lines(world, &config);
    assert_int_equal(get(world, line), 0);
    expect_channel(world, 5000000, 0);
}

static void chips_are_never_asked_for_the_line_of_a_channel(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config configs[] = {
        {.name = "red", .gpio = "GPIO17", .offset = -1, .direction = GPIO_DIRECTION_OUTPUT},
        fan_config(),
        {.name = "blue", .gpio = "GPIO22", .offset = -1, .direction = GPIO_DIRECTION_OUTPUT},
    };
    const uint8_t values[] = {1, 1, 0};
    uint8_t got[3];
    int lines[3];
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    assert_int_equal(gpio_request_lines(world->gpio, configs, 3, lines, &world->error), 0);
    assert_int_equal(asked.requested, 2);
    assert_int_equal(gpio_set(world->gpio, lines, values, 3), 0);
    assert_int_equal(asked.set, 2);
    expect_channel(world, 1000000, 1000000);
    assert_int_equal(gpio_get(world->gpio, lines, 3, got), 0);
    assert_memory_equal(got, values, 3);
    for (int i = 0; i < 3; i++)
        gpio_release(world->gpio, lines[i]);
    assert_int_equal(asked.released, 2);
}

static void claim_that_fails_at_a_channel_leaves_no_line_claimed(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config configs[] = {
        {.name = "red", .gpio = "GPIO17", .offset = -1, .direction = GPIO_DIRECTION_OUTPUT},
        fan_config(),
    };
    int lines[2];
    make_channel(world, "what?\n", "0\n", "0\n", "normal\n");
    assert_int_equal(gpio_request_lines(world->gpio, configs, 2, lines, &world->error), -EIO);
    assert_ptr_equal(world->error.line, configs[1].name);
    assert_int_equal(asked.requested, asked.released);
}

static void released_channel_goes_on_as_it_was_set_last(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    int line = request_lines(world, &config);
    set(world, line, 1);
    gpio_release(world->gpio, line);
    expect_channel(world, 1000000, 1000000);
}

/* ---- values and PWM ----------------------------------------------------------------------- */

static void value_is_a_duty_of_nothing_or_of_all(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    int line = request_lines(world, &config);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.25, 200), 0);
    expect_channel(world, 5000000, 1250000);
    assert_int_equal(get(world, line), 1);
    set(world, line, 1);
    expect_channel(world, 5000000, 5000000);
    set(world, line, 0);
    expect_channel(world, 5000000, 0);
    assert_int_equal(get(world, line), 0);
}

static void active_low_line_is_given_the_rest_of_the_period(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    config.active_low = true;
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    int line = request_lines(world, &config);
    expect_channel(world, 1000000, 1000000);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.25, 200), 0);
    expect_channel(world, 5000000, 3750000);
    set(world, line, 1);
    expect_channel(world, 5000000, 0);
}

static void channel_that_is_inversed_already_is_turned_back(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    make_channel(world, "5000000\n", "0\n", "1\n", "inversed\n");
    int line = request_lines(world, &config);
    expect_channel(world, 5000000, 5000000);
    set(world, line, 1);
    expect_channel(world, 5000000, 0);
    gpio_release(world->gpio, line);
    config.active_low = true;
    config.initial = GPIO_INITIAL_KEEP;
    line = request_lines(world, &config);
    assert_int_equal(get(world, line), 0);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.25, 200), 0);
    expect_channel(world, 5000000, 1250000);
}

/* Walks the writes of one call from what was there before. */
static void expect_lawful_writes(struct pwm_world *world, int64_t period_ns, int64_t duty_ns)
{
    _Alignas(struct inotify_event) char bytes[4096];
    ssize_t got = read(world->watch_fd, bytes, sizeof bytes);
    for (ssize_t at = 0; at < got;) {
        struct inotify_event event;
        memcpy(&event, bytes + at, sizeof event);
        const char *name = bytes + at + sizeof event;
        if (strcmp(name, "period") == 0)
            period_ns = number_in(world, "pwm0/period");
        else if (strcmp(name, "duty_cycle") == 0)
            duty_ns = number_in(world, "pwm0/duty_cycle");
        if (duty_ns > period_ns)
            fail_msg("duty %jd of a period of %jd", (intmax_t)duty_ns, (intmax_t)period_ns);
        at += (ssize_t)(sizeof event + event.len);
    }
}

static void duty_is_never_longer_than_the_period(void **state)
{
    static const double shares[] = {0, 0.01, 0.5, 0.99, 1};
    static const double frequencies[] = {0.1, 1, 199, 200, 500};
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    int line = request_lines(world, &config);
    expect_lawful_writes(world, 0, 0);
    uint32_t random = 7;
    for (int i = 0; i < 500; i++) {
        int64_t period_ns = number_in(world, "pwm0/period");
        int64_t duty_ns = number_in(world, "pwm0/duty_cycle");
        random = random * 1664525 + 1013904223;
        double duty = shares[(random >> 8) % ARRAY_LENGTH(shares)];
        double hz = frequencies[(random >> 16) % ARRAY_LENGTH(frequencies)];
        assert_int_equal(gpio_set_pwm(world->gpio, line, duty, hz), 0);
        expect_lawful_writes(world, period_ns, duty_ns);
        assert_true(number_in(world, "pwm0/period") == (int64_t)(1e9 / hz + 0.5));
    }
}

static void line_without_a_channel_has_no_pwm(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    config.pwm[0] = '\0';
    int line;
    assert_int_equal(gpio_request_lines(world->gpio, &config, 1, &line, &world->error), 0);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.5, 200), -EOPNOTSUPP);
}

static void impossible_pwm_is_refused(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    int line = request_lines(world, &config);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 1.01, 200), -EINVAL);
    assert_int_equal(gpio_set_pwm(world->gpio, line, -0.01, 200), -EINVAL);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.5, 0), -EINVAL);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.0 / 0.0, 200), -EINVAL);
    expect_channel(world, 1000000, 0);
}

static void channel_that_went_away_is_no_device(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    char path[128];
    const uint8_t value = 1;
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    int line = request_lines(world, &config);
    assert_int_equal(nftw(path_of(world, "pwm0", path), remove_one, 8, FTW_DEPTH), 0);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.5, 200), -ENODEV);
    assert_int_equal(gpio_set(world->gpio, &line, &value, 1), -ENODEV);
    assert_int_equal(get(world, line), 0);
}

/* ---- what is refused, and with which words ------------------------------------------------- */

static void text_that_names_no_channel_is_refused(void **state)
{
    static const char *const texts[] = {
        "/sys/class/pwm/pwmchip0",
        "/sys/class/pwm/pwmchip0/",
        "/sys/class/pwm/pwmchip0/pwm",
        "/sys/class/pwm/pwmchip/pwm0",
        "/sys/class/pwm/pwmchip0/pwmx",
        "/sys/class/pwm/pwmchip0/pwm0/period",
        "/sys/class/pwm//pwm0",
        "/sys/class/pwm/pwmchip0/pwm-1",
        "/sys/class/leds/pwm0",
        "pwm0",
        "/sys/class/pwm/pwmchip0/pwm1000",
    };
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        (void)snprintf(config.pwm, sizeof config.pwm, "%s", texts[i]);
        assert_int_equal(try_claim(world, &config), -EINVAL);
        expect_said(world, "line fan: ");
        expect_said(world, CHANNEL);
    }
}

static void missing_chip_names_the_overlay(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    (void)snprintf(config.pwm, sizeof config.pwm, "/sys/class/pwm/pwmchip3/pwm0");
    assert_int_equal(try_claim(world, &config), -ENOENT);
    expect_said(world, "/pwmchip3 here");
    expect_said(world, "dtoverlay=pwm");
}

/* /proc/self/clear_refs refuses 7 as the kernel refuses a channel that a chip does not have. */
static void missing_channel_tells_those_that_there_are(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    char path[128];
    if (access("/proc/self/clear_refs", W_OK) < 0)
        skip();
    assert_int_equal(unlink(path_of(world, "export", path)), 0);
    assert_int_equal(symlink("/proc/self/clear_refs", path), 0);
    (void)snprintf(config.pwm, sizeof config.pwm, "/sys/class/pwm/pwmchip0/pwm7");
    assert_int_equal(try_claim(world, &config), -ENOENT);
    expect_said(world, "pwmchip0 has the channels 0 to 1, not 7");
}

static void no_permission_names_the_file_and_its_group(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    char path[128];
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(path_of(world, "export", path), 0200), 0);
    become(NOBODY);
    int code = try_claim(world, &config);
    become(0);
    assert_int_equal(code, -EACCES);
    expect_said(world, "/pwmchip0/export (group root)");
    expect_said(world, "SUBSYSTEM==\"pwm\"");
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    assert_int_equal(chown(path_of(world, "pwm0/period", path), 0, 1), 0);
    assert_int_equal(chmod(path, 0664), 0);
    become(NOBODY);
    code = try_claim(world, &config);
    become(0);
    assert_int_equal(code, -EACCES);
    expect_said(world, "/pwm0/period (group daemon)");
    expect_said(world, "sudo usermod -aG daemon ");
}

static void channel_is_one_line_s_only(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config configs[] = {fan_config(), fan_config()};
    int lines[2];
    configs[1].name = "lamp";
    make_channel(world, "0\n", "0\n", "0\n", "normal\n");
    assert_int_equal(gpio_request_lines(world->gpio, configs, 2, lines, &world->error), -EINVAL);
    expect_said(world, "line fan is at the same place, pwmchip0 offset 0");
    (void)request_lines(world, &configs[0]);
    assert_int_equal(try_claim(world, &configs[1]), -EINVAL);
}

static void channel_has_neither_direction_nor_drive_nor_bias(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    config.direction = GPIO_DIRECTION_INPUT;
    assert_int_equal(try_claim(world, &config), -EINVAL);
    config = fan_config();
    config.drive = GPIO_DRIVE_OPEN_DRAIN;
    assert_int_equal(try_claim(world, &config), -EINVAL);
    config = fan_config();
    config.bias = GPIO_BIAS_PULL_UP;
    assert_int_equal(try_claim(world, &config), -EINVAL);
    expect_said(world, "neither drive nor bias");
}

/* ---- the simulator ------------------------------------------------------------------------ */

static void simulated_channel_touches_no_file(void **state)
{
    struct pwm_world *world = world_of(state);
    struct gpio_line_config config = fan_config();
    asked.capabilities = GPIO_CAN_SIMULATE;
    world->gpio->pwm_folder = "/nonexistent";
    config.initial = GPIO_INITIAL_ACTIVE;
    int line;
    assert_int_equal(gpio_request_lines(world->gpio, &config, 1, &line, &world->error), 0);
    assert_int_equal(get(world, line), 1);
    set(world, line, 0);
    assert_int_equal(get(world, line), 0);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0.25, 200), 0);
    assert_int_equal(get(world, line), 1);
    assert_int_equal(gpio_set_pwm(world->gpio, line, 0, 200), 0);
    assert_int_equal(get(world, line), 0);
}

#define PWM_TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PWM_TEST(channel_is_exported_and_enabled_with_its_first_value),
        PWM_TEST(permission_that_comes_late_is_waited_for),
        PWM_TEST(channel_that_is_exported_is_not_exported_again),
        PWM_TEST(kept_value_is_whether_there_is_any_duty),
        PWM_TEST(chips_are_never_asked_for_the_line_of_a_channel),
        PWM_TEST(claim_that_fails_at_a_channel_leaves_no_line_claimed),
        PWM_TEST(released_channel_goes_on_as_it_was_set_last),
        PWM_TEST(value_is_a_duty_of_nothing_or_of_all),
        PWM_TEST(active_low_line_is_given_the_rest_of_the_period),
        PWM_TEST(channel_that_is_inversed_already_is_turned_back),
        PWM_TEST(duty_is_never_longer_than_the_period),
        PWM_TEST(line_without_a_channel_has_no_pwm),
        PWM_TEST(impossible_pwm_is_refused),
        PWM_TEST(channel_that_went_away_is_no_device),
        PWM_TEST(text_that_names_no_channel_is_refused),
        PWM_TEST(missing_chip_names_the_overlay),
        PWM_TEST(missing_channel_tells_those_that_there_are),
        PWM_TEST(no_permission_names_the_file_and_its_group),
        PWM_TEST(channel_is_one_line_s_only),
        PWM_TEST(channel_has_neither_direction_nor_drive_nor_bias),
        PWM_TEST(simulated_channel_touches_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
