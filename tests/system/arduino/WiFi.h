/* As much of Arduino's core and its WiFi library as the sketch of docs/own-page.md needs, on a Linux machine. */
#pragma once

#include <cstdlib>
#include <string>
#include <unistd.h>

struct String : std::string {
    String(const char *text) : std::string(text)
    {
    }
    String(const std::string &text) : std::string(text)
    {
    }
    explicit String(long number) : std::string(std::to_string(number))
    {
    }
    int indexOf(const char *text) const
    {
        size_t at = find(text);
        return at == npos ? -1 : static_cast<int>(at);
    }
};

inline String operator+(const String &a, const String &b)
{
    return String(static_cast<const std::string &>(a) + static_cast<const std::string &>(b));
}

inline long random(long from, long below)
{
    return from + ::random() % (below - from);
}

inline void delay(unsigned ms)
{
    usleep(ms * 1000);
}

enum { WL_CONNECTED = 3 };

struct WiFiClass {
    void begin(const char *, const char *)
    {
    }
    int status()
    {
        return WL_CONNECTED;
    }
};

static WiFiClass WiFi;
