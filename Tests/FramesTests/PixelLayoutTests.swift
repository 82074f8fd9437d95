import Frames
import Testing

/// Which formats have a direct path, and where their samples lie.
@Suite struct PixelLayoutTests {
  @Test(arguments: [
    "yuv420p", "yuvj420p", "nv12", "yuv422p", "yuyv422", "yuv444p", "gray", "gbrp", "rgb24", "bgr0", "yuv420p10le",
    "p010le", "uyvy422", "nv21", "yuv422p10le", "yuva420p", "rgba", "gray16le", "rgb48le",
  ])
  func isDirect(name: String) throws {
    #expect(try #require(PixelFormat(named: name)).layout != nil)
  }

  @Test(arguments: [
    "pal8", "yuv410p", "yuv411p", "yuv420p10be", "gray16be", "rgb565le", "monob", "bayer_bggr8", "xyz12le",
    "gbrpf32le", "ya8",
  ])
  func goesThroughTheScaler(name: String) throws {
    #expect(try #require(PixelFormat(named: name)).layout == nil)
  }

  @Test func componentsOfPackedFormats() throws {
    let yuyv = try #require(PixelFormat(named: "yuyv422")?.layout)
    #expect(yuyv.components.map(\.step) == [2, 4, 4])
    #expect(yuyv.components.map(\.offset) == [0, 1, 3])
    let bgr0 = try #require(PixelFormat(named: "bgr0")?.layout)
    #expect(bgr0.components.map(\.offset) == [2, 1, 0])
    let p010 = try #require(PixelFormat(named: "p010le")?.layout)
    #expect(p010.depth == 10 && p010.shift == 6 && p010.bytesPerSample == 2)
    #expect(p010.components.map(\.plane) == [0, 1, 1])
  }

  @Test func planeSizesRoundUp() throws {
    let layout = try #require(PixelFormat(named: "yuv420p")?.layout)
    #expect(layout.width(ofPlane: 0, picture: 5) == 5 && layout.width(ofPlane: 1, picture: 5) == 3)
    #expect(layout.height(ofPlane: 2, picture: 3) == 2)
  }

  @Test func unknownNameIsNoFormat() {
    #expect(PixelFormat(named: "nosuch") == nil)
  }
}
