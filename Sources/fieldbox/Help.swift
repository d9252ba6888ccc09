/// What `--help` says.
enum Help {
  static func text(for word: String?) -> String {
    switch word {
    case "supervise": supervise
    case "status": status
    case "press": press
    case "board": board
    case "logs": logs
    case "clock": clock
    case "self-test": selfTest
    case "stop": stop
    default: all
    }
  }

  private static let common = """
    Options of every command:
      --root DIR               all files under another root (default /; status, press, board and stop also find the box
                               that Board/simulated/run has started in this checkout)
      --config FILE            in place of etc/fieldbox/fieldbox.conf under the root
      --board FILE             in place of etc/fieldbox/board.conf under the root
      --web DIR                the browser client (default usr/share/fieldbox/web under the root)
      --set section.key=value  overrides one key of either file; may be given again
    """

  private static let all = """
    fieldbox: a call point for teams where there is no internet

    usage: fieldbox [COMMAND] [OPTIONS]

      supervise                run the box: devices, sockets, and the processes for server and media (the default)
      status [--json]          what runs, which lamps are lit, what went wrong
      press call|hangup        press a button of the simulated board
      board check              what of the board is found, missing or in use
      board plug|unplug DEVICE pull a cable of the simulated board, or put it back
      logs                     the latest lines of the log
      logs export              one archive of all that helps to find a fault, without names and secrets
      self-test                look at everything now, as the box does at its start and each day
      clock save|restore       keep the time for a board without a battery
      stop                     end the box in good order
      version                  print the version
      help COMMAND             more about one command

    \(common)

    'server', 'media' and 'sign' are started by the supervisor and not by hand.
    """

  private static let supervise = """
    usage: fieldbox supervise [OPTIONS]

    Runs the box until it is stopped by a signal, 'fieldbox stop' or the key q. On a terminal it shows the address to
    open and the three lamps, and takes keys: c is CALL, h is HANGUP, C and H hold them for 3 s, q quits.
    Without a terminal it logs lines to standard error.

      --console, --no-console  draw on the terminal or not (default: when standard input and output are one)
      --exit-when-ready        end in good order as soon as the box is ready; exit code 0

    \(common)

    Exit codes: 0 ended in good order, 1 could not start, 2 wrong options or configuration.
    """

  private static let status = """
    usage: fieldbox status [--json|--metrics] [--follow] [OPTIONS]

      --json    for programs: one JSON object on one line
      --metrics for Prometheus, as at /api/box/metrics for an administrator
      --follow  print it again whenever it changes, until the box ends

    \(common)

    Exit codes: 0, 1 when no box runs there, 2 wrong options.
    """

  private static let press = """
    usage: fieldbox press call|hangup|both [--hold MILLISECONDS] [OPTIONS]

    Presses a button of the simulated board (default 150 ms). Held for 3 s it counts as held, both for 5 s as both.

    \(common)
    """

  private static let board = """
    usage: fieldbox board check [OPTIONS]
           fieldbox board plug|unplug camera|microphone|speaker [OPTIONS]

    check tries each device that board.conf names and says what is found, missing or in use, and by whom. A box that runs
    has its devices in use. Exit codes: 0 all found, 1 something is not, 2 wrong options or configuration.
    plug and unplug put a cable of the simulated board back, or pull it.

    \(common)
    """

  private static let logs = """
    usage: fieldbox logs [OPTIONS]
           fieldbox logs export [FILE] [OPTIONS]

    Prints the latest lines of the log of all three processes, or writes them with the status, the configuration, the
    systemd journal of the box where there is one, and how the machine is, to an archive
    (default: fieldbox-logs.tar.gz here). People, addresses and whatever may be secret are taken out of both.
    In a browser an administrator gets the log at /api/box/log.

    \(common)

    Exit codes: 0, 1 when there is no box or nothing can be written, 2 wrong options.
    """

  private static let selfTest = """
    usage: fieldbox self-test [OPTIONS]

    Looks at the machine, the certificate, all that is stored, and what is wrong already, and says what it found.

    \(common)

    Exit codes: 0 all is well, 1 something is not, or no box runs there, 2 wrong options.
    """

  private static let clock = """
    usage: fieldbox clock save|restore [OPTIONS]

    save remembers what time it is; restore sets the clock to that if it is behind (which only root may). The units of
    the box call both: at the start and the end, and save every ten minutes.

    \(common)

    Exit codes: 0, 1 when it cannot be saved or set, 2 wrong options.
    """

  private static let stop = """
    usage: fieldbox stop [OPTIONS]

    Ends the box in good order and returns when it has ended.

    \(common)
    """
}
