#pragma once
// What Swift's Glibc module lacks: epoll, timerfd, eventfd, memfd, datagram batches with their local address, the spawn shim.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
