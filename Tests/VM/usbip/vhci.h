// The plug: vhci-hcd's ports, as sysfs shows them.
#pragma once

#include "device.h"

// Gives the kernel one end of a socket pair, at a port other than the last one where it can. False with the reason in `error`.
bool vhci_plug(struct device *, char *error, size_t size);
// Pulls the plug: both the kernel and the device learn of it only by the end of the socket.
void vhci_unplug(struct device *);
// What udev would have made of the device: the first node that matches the kind's pattern, as "/dev/…". False while there is none.
bool vhci_node(const struct device *, char *to, size_t size);
