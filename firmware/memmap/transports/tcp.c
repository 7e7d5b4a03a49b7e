// The stream over TCP, on lwIP's or a host's sockets. Nothing here waits: what the socket does not take is refused, or, of a frame that it
// took in part, kept and sent before the next one.
#define _DEFAULT_SOURCE
#include "memmap_transports.h"

#if MEMMAP_ENABLE && (!defined(ESP_PLATFORM) || CONFIG_MEMMAP_TCP)

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "send.h"

MM_CHECK(rest_holds_any_frame, sizeof mm_stream.wire <= MEMMAP_WIRE_BYTES_MAXIMUM);

// Tests on a computer are nobody else's business.
#if defined(ESP_PLATFORM)
#define LISTEN_ON INADDR_ANY
#else
#define LISTEN_ON INADDR_LOOPBACK
#endif

static const uint64_t retry_us = 1000000;

static bool would_wait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINPROGRESS; }

static void hang_up(memmap_tcp_t *tcp)
{
    if (tcp->connection >= 0) close(tcp->connection);
    tcp->connection = -1;
    tcp->connecting = false;
    tcp->rest_length = 0;
    tcp->next_attempt_us = memmap_port_time_us() + retry_us;
}

static bool make_unblocking(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL, 0);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0;
}

static void begin_to_connect(memmap_tcp_t *tcp)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(tcp->port)};
    if (memmap_port_time_us() < tcp->next_attempt_us) return;
    tcp->connection = socket(AF_INET, SOCK_STREAM, 0);
    if (tcp->connection < 0 || inet_pton(AF_INET, tcp->host, &address.sin_addr) != 1 || !make_unblocking(tcp->connection) ||
        (connect(tcp->connection, (struct sockaddr *)&address, sizeof address) != 0 && !would_wait(errno))) {
        hang_up(tcp);
        return;
    }
    tcp->connecting = true;
}

static void end_to_connect(memmap_tcp_t *tcp)
{
    struct timeval now = {0, 0};
    fd_set writable;
    FD_ZERO(&writable);
    FD_SET(tcp->connection, &writable);
    int ready = select(tcp->connection + 1, NULL, &writable, NULL, &now);
    if (ready == 0) return;
    int error = 0;
    socklen_t size = sizeof error;
    if (ready < 0 || getsockopt(tcp->connection, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
        hang_up(tcp);
        return;
    }
    tcp->connecting = false;
    memmap_request_snapshot();
}

static void look_for_caller(memmap_tcp_t *tcp)
{
    tcp->connection = accept(tcp->listener, NULL, NULL);
    if (tcp->connection < 0) return;
    if (!make_unblocking(tcp->connection)) hang_up(tcp);
    else memmap_request_snapshot();
}

static bool connected(memmap_tcp_t *tcp)
{
    if (tcp->connection < 0) {
        if (tcp->host) begin_to_connect(tcp);
        else look_for_caller(tcp);
    }
    if (tcp->connecting) end_to_connect(tcp);
    return tcp->connection >= 0 && !tcp->connecting;
}

// Bytes taken, perhaps 0; -1 where the connection is gone.
static ssize_t send_some(memmap_tcp_t *tcp, const uint8_t *bytes, size_t length)
{
    ssize_t sent = send(tcp->connection, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (would_wait(errno)) return 0;
    hang_up(tcp);
    return -1;
}

static bool write_frame(const uint8_t *bytes, size_t length, void *context)
{
    memmap_tcp_t *tcp = context;
    if (!connected(tcp)) return false;
    if (tcp->rest_length != 0) {
        ssize_t sent = send_some(tcp, tcp->rest + tcp->rest_start, tcp->rest_length);
        if (sent <= 0) return false;
        tcp->rest_start += (uint32_t)sent;
        tcp->rest_length -= (uint32_t)sent;
        if (tcp->rest_length != 0) return false;
    }
    ssize_t sent = send_some(tcp, bytes, length);
    if (sent <= 0) return false;
    tcp->rest_start = 0;
    tcp->rest_length = (uint32_t)(length - (size_t)sent);
    memcpy(tcp->rest, bytes + sent, tcp->rest_length);
    return true;
}

static size_t read_commands(uint8_t *bytes, size_t capacity, void *context)
{
    memmap_tcp_t *tcp = context;
    if (!connected(tcp)) return 0;
    ssize_t received = recv(tcp->connection, bytes, capacity, MSG_DONTWAIT);
    if (received > 0) return (size_t)received;
    if (received == 0 || !would_wait(errno)) hang_up(tcp);
    return 0;
}

bool memmap_tcp_transport(memmap_tcp_t *tcp, const char *host, uint16_t port, memmap_transport_t *transport)
{
    struct in_addr numeric;
    *tcp = (memmap_tcp_t){.host = host, .port = port, .listener = -1, .connection = -1};
    *transport = (memmap_transport_t){.write = write_frame, .read = read_commands, .context = tcp};
    if (host) return inet_pton(AF_INET, host, &numeric) == 1;
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(LISTEN_ON)};
    const int yes = 1;
    tcp->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (tcp->listener < 0) return false;
    setsockopt(tcp->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); // or a restarted program would have to wait for minutes
    if (make_unblocking(tcp->listener) && bind(tcp->listener, (const struct sockaddr *)&address, sizeof address) == 0 &&
        listen(tcp->listener, 1) == 0)
        return true;
    close(tcp->listener);
    tcp->listener = -1;
    return false;
}

#endif
