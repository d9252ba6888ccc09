// Orders from tests: one line each over a Unix socket, one line back that begins with "ok" or "error".
#pragma once

#include "device.h"

struct control_socket;

struct control_socket *control_open(const char *path);
// Adds what poll should watch; at most 9 entries.
struct pollfd;
int control_watch(struct control_socket *, struct pollfd *to);
void control_serve(struct control_socket *, struct device *, const struct pollfd *, int count);
// Plugging in is over when the nodes are there, which orders wait for; returns when it wants to look again (0: nothing is awaited).
uint64_t control_tick(struct control_socket *, struct device *, uint64_t now);

// The other end: sends one order, prints the answer; an exit status.
int control_tell(const char *path, int count, char **words);
