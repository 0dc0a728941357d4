# gpio-gateway as a container:
#
#   docker build -t gpio-gateway .
#   docker run -p 8080:8080 -v gpio-gateway:/var/lib/gpio-gateway gpio-gateway
#
# With the pins of the machine it runs on, hand over the chip and the group that owns it. A Raspberry
# Pi 5 has several chips; `gpiodetect` tells which one is pinctrl-rp1.
#
#   docker run -p 8080:8080 -v gpio-gateway:/var/lib/gpio-gateway \
#       --device /dev/gpiochip0 --group-add "$(stat -c %g /dev/gpiochip0)" gpio-gateway
#
# With as little power as it needs: config/compose.yaml.
#
# Another circuit: -v "$PWD/gateway.json:/etc/gpio-gateway/gateway.json:ro". The address to open, with
# its token: docker exec CONTAINER gpio-gateway token show.

FROM debian:trixie-slim AS build
WORKDIR /src
# The list of packages stands in ./run alone.
COPY run ./
RUN bash -c 'source ./run && packages_install "${build_packages[@]}"'
COPY CMakeLists.txt ./
COPY cmake cmake
COPY gateway gateway
COPY www www
COPY config config
RUN cmake -G Ninja -S . -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr \
        -DBUILD_TESTING=OFF \
    && cmake --build build \
    && DESTDIR=/install cmake --install build --strip

FROM debian:trixie-slim
RUN apt-get -q update \
    && apt-get -q -y install --no-install-recommends \
        libcjson1 libgpiod3 libmicrohttpd12t64 libmosquitto1 libqrencode4 libseccomp2 libssl3t64 libsystemd0 libuv1t64 \
        libwebsockets19t64 libwebsockets-evlib-uv zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 990 --home-dir /var/lib/gpio-gateway --shell /usr/sbin/nologin gpio-gateway \
    && install -d -o gpio-gateway -g gpio-gateway -m 0700 /var/lib/gpio-gateway /run/gpio-gateway
COPY --from=build /install /

ENV STATE_DIRECTORY=/var/lib/gpio-gateway RUNTIME_DIRECTORY=/run/gpio-gateway
VOLUME /var/lib/gpio-gateway
USER gpio-gateway
WORKDIR /
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=2s \
    CMD ["gpio-gateway", "health", "--to", "http://127.0.0.1:8080"]
ENTRYPOINT ["gpio-gateway"]
CMD ["serve"]
