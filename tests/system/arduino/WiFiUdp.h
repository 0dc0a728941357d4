/* Arduino's UDP over a socket of this machine. */
#pragma once

#include "WiFi.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

class WiFiUDP
{
    int fd = -1;
    addrinfo *peer = nullptr;
    std::string sent, received;

  public:
    void begin(int)
    {
    }

    int beginPacket(const char *host, int port)
    {
        addrinfo hints = {};
        hints.ai_family = AF_INET;
        hints.ai_socktype = SOCK_DGRAM;
        sent.clear();
        if (getaddrinfo(host, std::to_string(port).c_str(), &hints, &peer) != 0)
            return 0;
        if (fd < 0)
            fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        return fd >= 0;
    }

    void print(const String &text)
    {
        sent += text;
    }

    int endPacket()
    {
        bool is_whole = sendto(fd, sent.data(), sent.size(), 0, peer->ai_addr, peer->ai_addrlen) ==
                        static_cast<ssize_t>(sent.size());
        freeaddrinfo(peer);
        return is_whole;
    }

    int parsePacket()
    {
        char bytes[1500];
        ssize_t length = recv(fd, bytes, sizeof bytes, 0);
        received.assign(bytes, length > 0 ? static_cast<size_t>(length) : 0);
        return static_cast<int>(received.size());
    }

    String readString()
    {
        return String(received);
    }
};
