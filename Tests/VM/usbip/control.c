#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "links.h"
#include "vhci.h"

enum { most_clients = 8, most_held = 32, line_bytes = 4096, patience_seconds = 20 };

struct client {
  int socket;
  char line[line_bytes];
  size_t used;
};

struct control_socket {
  int listener;
  struct client clients[most_clients];
  int awaiting;        // the client that ordered a plug, or -1
  uint64_t give_up;    // 0: no plug is awaited
  int held[most_held];  // nodes kept open so that their numbers are not given again
  int held_count;
};

static bool address(const char *path, struct sockaddr_un *to) {
  *to = (struct sockaddr_un){.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof to->sun_path) return false;
  strcpy(to->sun_path, path);
  return true;
}

struct control_socket *control_open(const char *path) {
  struct sockaddr_un name;
  struct control_socket *control = calloc(1, sizeof *control);
  if (!control || !address(path, &name)) return NULL;
  unlink(path);
  control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(control->listener, (struct sockaddr *)&name, sizeof name) < 0 || listen(control->listener, 8) < 0) return NULL;
  chmod(path, 0666);
  for (int i = 0; i < most_clients; i++) control->clients[i].socket = -1;
  control->awaiting = -1;
  return control;
}

int control_watch(struct control_socket *control, struct pollfd *to) {
  int count = 0;
  to[count++] = (struct pollfd){.fd = control->listener, .events = POLLIN};
  for (int i = 0; i < most_clients; i++)
    if (control->clients[i].socket >= 0) to[count++] = (struct pollfd){.fd = control->clients[i].socket, .events = POLLIN};
  return count;
}

static void leave(struct control_socket *control, int index) {
  close(control->clients[index].socket);
  control->clients[index].socket = -1;
  if (control->awaiting == index) control->awaiting = -1;
}

static void reply(struct control_socket *control, int index, const char *text) {
  if (index < 0) return;
  char line[line_bytes];
  int length = snprintf(line, sizeof line, "%s\n", text);
  if (send(control->clients[index].socket, line, (size_t)length, MSG_NOSIGNAL) < 0) leave(control, index);
}

static void plug(struct control_socket *control, struct device *device, int index) {
  char error[256], text[300];
  if (device->socket >= 0) {
    reply(control, index, "error it is plugged in");
  } else if (!vhci_plug(device, error, sizeof error)) {
    snprintf(text, sizeof text, "error %s", error);
    reply(control, index, text);
  } else {
    control->awaiting = index;
    control->give_up = nanoseconds_now() + patience_seconds * 1000000000ull;
  }
}

static void unplug(struct control_socket *control, struct device *device, int index, bool hold) {
  char node[64];
  if (device->socket < 0) {
    reply(control, index, "error it is not plugged in");
    return;
  }
  if (hold && vhci_node(device, node, sizeof node) && control->held_count < most_held) {
    int descriptor = open(node, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) control->held[control->held_count++] = descriptor;
  }
  links_remove(device);
  vhci_unplug(device);
  if (control->give_up) reply(control, control->awaiting, "error the plug was pulled");
  control->awaiting = -1;
  control->give_up = 0;
  reply(control, index, "ok");
}

static void let_go(struct control_socket *control) {
  while (control->held_count > 0) close(control->held[--control->held_count]);
}

static void tell_status(struct control_socket *control, struct device *device, int index) {
  char text[1024], node[64] = "-", own[768];
  vhci_node(device, node, sizeof node);
  device->kind->status(device, own, sizeof own);
  snprintf(text, sizeof text, "ok kind=%s plugged=%s port=%d node=%s %s", device->kind->name, device->socket >= 0 ? "yes" : "no",
           device->port, node, own);
  reply(control, index, text);
}

static void obey(struct control_socket *control, struct device *device, int index, char *line) {
  char *words[8], *rest = NULL, answer[512];
  int count = 0;
  for (char *word = strtok_r(line, " \t\r", &rest); word && count < 8; word = strtok_r(NULL, " \t\r", &rest)) words[count++] = word;
  if (count == 0) return;
  if (strcmp(words[0], "plug") == 0) return plug(control, device, index);
  if (strcmp(words[0], "unplug") == 0) return unplug(control, device, index, count > 1 && strcmp(words[1], "hold") == 0);
  if (strcmp(words[0], "release") == 0) return let_go(control), reply(control, index, "ok");
  if (strcmp(words[0], "status") == 0) return tell_status(control, device, index);
  if (!device->kind->command(device, count, words, answer, sizeof answer)) snprintf(answer, sizeof answer, "error unknown order");
  reply(control, index, answer);
}

static void read_orders(struct control_socket *control, struct device *device, int index) {
  struct client *client = &control->clients[index];
  ssize_t got = recv(client->socket, client->line + client->used, line_bytes - 1 - client->used, 0);
  if (got <= 0) return leave(control, index);
  client->used += (size_t)got;
  for (;;) {
    char *end = memchr(client->line, '\n', client->used);
    if (!end) break;
    char line[line_bytes];
    size_t length = (size_t)(end - client->line);
    memcpy(line, client->line, length);
    line[length] = 0;
    client->used -= length + 1;
    memmove(client->line, end + 1, client->used);
    obey(control, device, index, line);
    if (client->socket < 0) return;
  }
  if (client->used == line_bytes - 1) leave(control, index);
}

void control_serve(struct control_socket *control, struct device *device, const struct pollfd *ready, int count) {
  for (int i = 0; i < count; i++) {
    if (!ready[i].revents) continue;
    if (ready[i].fd == control->listener) {
      int client = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC), index = 0;
      while (index < most_clients && control->clients[index].socket >= 0) index++;
      if (client >= 0 && index == most_clients) close(client);
      if (client >= 0 && index < most_clients) control->clients[index] = (struct client){.socket = client};
      continue;
    }
    for (int index = 0; index < most_clients; index++)
      if (control->clients[index].socket == ready[i].fd) read_orders(control, device, index);
  }
}

uint64_t control_tick(struct control_socket *control, struct device *device, uint64_t now) {
  if (!control->give_up) return 0;
  char node[64], text[128];
  if (vhci_node(device, node, sizeof node)) {
    links_make(device, node);
    snprintf(text, sizeof text, "ok %s", node);
  } else if (device->socket < 0) {
    snprintf(text, sizeof text, "error the kernel let go of it");
  } else if (now > control->give_up) {
    snprintf(text, sizeof text, "error no driver made a node of it in %d s", patience_seconds);
  } else {
    return now + 20000000u;
  }
  reply(control, control->awaiting, text);
  control->awaiting = -1;
  control->give_up = 0;
  return 0;
}

int control_tell(const char *path, int count, char **words) {
  struct sockaddr_un name;
  char line[line_bytes] = "", answer[line_bytes];
  for (int i = 0; i < count; i++) {
    size_t used = strlen(line);
    snprintf(line + used, sizeof line - used, "%s%s", i ? " " : "", words[i]);
  }
  strcat(line, strlen(line) < sizeof line - 1 ? "\n" : "");
  int to = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!address(path, &name) || connect(to, (struct sockaddr *)&name, sizeof name) < 0) {
    fprintf(stderr, "fieldbox-usb: %s: %s\n", path, strerror(errno));
    return 1;
  }
  if (send(to, line, strlen(line), MSG_NOSIGNAL) < 0) return 1;
  size_t used = 0;
  while (used < sizeof answer - 1) {
    ssize_t got = recv(to, answer + used, sizeof answer - 1 - used, 0);
    if (got <= 0) break;
    used += (size_t)got;
    if (memchr(answer, '\n', used)) break;
  }
  answer[used] = 0;
  fputs(answer, stdout);
  return strncmp(answer, "ok", 2) == 0 ? 0 : 1;
}
