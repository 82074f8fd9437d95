// swift-tools-version: 6.1

import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("ExistentialAny"),
]

/// A room of the house: a Swift module with its tests beside it.
func room(_ name: String, dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func tests(of name: String, dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], exclude: exclude,
    swiftSettings: swiftSettings)
}

let package = Package(
  name: "zdce-video",
  products: [
    .library(name: "Frames", targets: ["Frames"]),
    .library(name: "StreamIn", targets: ["StreamIn"]),
    .library(name: "Enhancer", targets: ["Enhancer"]),
    .library(name: "StreamOut", targets: ["StreamOut"]),
    .library(name: "Pipeline", targets: ["Pipeline"]),
    .library(name: "Monitoring", targets: ["Monitoring"]),
    .library(name: "Evaluation", targets: ["Evaluation"]),
    .library(name: "WeightImport", targets: ["WeightImport"]),
    .library(name: "Training", targets: ["Training"]),
    .executable(name: "zdce-video", targets: ["zdce-video"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CFFmpeg", pkgConfig: "libavformat",
      providers: [
        .apt([
          "libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswscale-dev", "libavfilter-dev",
          "libavdevice-dev",
        ])
      ]),
    .target(name: "CFFmpegShims", dependencies: ["CFFmpeg"]),
    .target(name: "CKernels", cSettings: [.define("NDEBUG", .when(configuration: .release))]),

    room("Frames", dependencies: ["CFFmpeg", "CFFmpegShims"]),
    room("StreamIn", dependencies: ["Frames"]),
    room(
      "Enhancer",
      dependencies: ["Frames", "CKernels"],
      resources: [.embedInCode("Resources/zero-dce++.safetensors")]),
    room("StreamOut", dependencies: ["Frames"]),
    room("Evaluation", dependencies: ["StreamIn", "Frames", "CKernels"]),
    room("WeightImport", dependencies: ["Enhancer", "Frames"]),
    room("Pipeline", dependencies: ["StreamIn", "Enhancer", "StreamOut"]),
    room(
      "Monitoring",
      dependencies: [
        "Pipeline", "StreamOut",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    room("Training", dependencies: ["Frames", "StreamIn", "Enhancer", "CKernels"]),
    .executableTarget(
      name: "zdce-video",
      dependencies: [
        "Pipeline",
        "Monitoring",
        "Evaluation",
        "WeightImport",
        "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
    // A program of its own, since it replaces malloc. The test of it finds it beside the test bundle.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .executableTarget(
      name: "AllocationProbe", dependencies: ["AllocationCounter", "Pipeline", "Enhancer"],
      path: "Tests/AllocationProbe", swiftSettings: swiftSettings),
    tests(of: "Frames", dependencies: ["Frames"]),
    tests(of: "Kernels", dependencies: ["CKernels"]),
    tests(of: "StreamIn", dependencies: ["StreamIn", "Frames"]),
    tests(of: "Enhancer", dependencies: ["Enhancer", "Frames", "CFFmpeg"], exclude: ["Vectors"]),
    tests(of: "StreamOut", dependencies: ["StreamOut", "Frames", "CFFmpeg"]),
    tests(of: "Evaluation", dependencies: ["Evaluation", "Frames"]),
    tests(of: "WeightImport", dependencies: ["WeightImport", "Enhancer", "Frames"]),
    tests(of: "Pipeline", dependencies: ["Pipeline", "Frames"]),
    tests(of: "Monitoring", dependencies: ["Monitoring", "Pipeline", "StreamOut"]),
    tests(of: "Training", dependencies: ["Training", "Enhancer", "CKernels"]),
    tests(of: "CommandLine", dependencies: ["zdce-video"]),
    tests(of: "Package", dependencies: []),
  ],
  swiftLanguageModes: [.v6]
)
