import CALSA
import CGPIOD
import CV4L2
import Glibc
import Testing

/// The libraries of the drivers to come bind and link on this Debian.
@Suite struct DriverLibraryTests {
  @Test func gpiodTellsAVersionOfTheAPIThatWasCompiledFor() throws {
    let version = String(cString: try #require(fieldbox_gpiod_version()))
    #expect(version.hasPrefix("\(FIELDBOX_GPIOD_API)."))
  }

  @Test func alsaOpensTheNullDevice() throws {
    #expect(String(cString: try #require(snd_asoundlib_version())).hasPrefix("1."))
    var device: OpaquePointer?
    try #require(snd_pcm_open(&device, "null", SND_PCM_STREAM_PLAYBACK, 0) == 0)
    #expect(snd_pcm_type(device) == SND_PCM_TYPE_NULL)
    #expect(snd_pcm_close(device) == 0)
  }

  @Test func v4l2RefusesWhatIsNoCamera() throws {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    try #require(null >= 0)
    defer { close(null) }
    var capabilities = v4l2_capability()
    #expect(fieldbox_v4l2_query_capabilities(null, &capabilities) == -1)
    #expect(errno == ENOTTY)
    #expect(MemoryLayout<v4l2_capability>.size == 104)
  }
}
