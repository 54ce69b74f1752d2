// swift-tools-version: 6.2
import PackageDescription

// Dependencies point down only: Tools -> Sources -> Index. `make lint` checks the imports against the same order.

let swift: [SwiftSetting] = [.treatAllWarnings(as: .error)]
let c: [CSetting] = [.treatAllWarnings(as: .error)]

/// A Swift target at `path`; house rules apply to all of them alike.
func room(_ name: String, _ dependencies: [Target.Dependency] = [], at path: String) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: swift)
}

/// The tests of one room.
func tests(_ name: String, _ dependencies: [Target.Dependency], leavingOut excluded: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)", exclude: excluded,
        swiftSettings: swift)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "lookalike",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "lookalike", targets: ["lookalike"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf.git", from: "1.39.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // The index: vectors, graph, files. Knows nothing of pictures or sockets.
        .target(name: "CVectorKernels", path: "Index/CVectorKernels", cSettings: c),
        room("Storage", ["CVectorKernels"], at: "Index/Storage"),
        room("HNSW", ["CVectorKernels"], at: "Index/HNSW"),
        room("Filters", at: "Index/Filters"),
        room("VectorCollections", ["Filters", "HNSW", "Storage"], at: "Index/Collections"),

        // Pictures: bytes to pixels, pixels to vectors.
        .systemLibrary(
            name: "CLibJPEG", path: "Sources/CLibJPEG", pkgConfig: "libjpeg",
            providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
        .systemLibrary(
            name: "CLibPNG", path: "Sources/CLibPNG", pkgConfig: "libpng",
            providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .target(
            name: "CImageCodecs", dependencies: ["CLibJPEG", "CLibPNG"], path: "Sources/CImageCodecs", cSettings: c),
        room("ImageDecoding", ["CImageCodecs"], at: "Sources/ImageDecoding"),
        room("Gallery", ["ImageDecoding"], at: "Sources/Gallery"),
        .target(name: "CTensorKernels", path: "Sources/CTensorKernels", cSettings: c),
        .target(
            name: "NeuralNetwork", dependencies: ["CTensorKernels", protobuf], path: "Sources/NeuralNetwork",
            exclude: ["ONNX/onnx.proto"], swiftSettings: swift),
        room(
            "Embedding", ["Gallery", "ImageDecoding", "NeuralNetwork", "Storage", crypto], at: "Sources/Embedding"),

        // The wire, and what is built on it.
        room("RESP", [nioCore], at: "Sources/RESP"),
        room("Client", ["RESP", nioCore, nioPosix], at: "Sources/Client"),
        room(
            "Catalogue", ["VectorCollections", "Embedding", "HNSW", "ImageDecoding", "NeuralNetwork", "Storage"],
            at: "Sources/Catalogue"),
        room("JSONLines", at: "Sources/JSONLines"),
        room(
            "Indexing",
            [
                "Catalogue", "Client", "VectorCollections", "Embedding", "ImageDecoding", "JSONLines", "NeuralNetwork",
                "RESP", "Storage", nioPosix,
            ],
            at: "Sources/Indexing"),
        room(
            "Server",
            [
                "Catalogue", "VectorCollections", "Embedding", "Filters", "HNSW", "ImageDecoding", "NeuralNetwork",
                "RESP", "Storage", deque,
                lifecycle,
                logging, nioCore, nioPosix,
            ], at: "Sources/Server"),
        room(
            "Evaluation", ["CVectorKernels", "Embedding", "ImageDecoding", "Indexing", "JSONLines"],
            at: "Sources/Evaluation"),
        room("Presentation", at: "Sources/Presentation"),
        room("RecallBenchmark", ["HNSW", "JSONLines"], at: "Benchmarks/Recall"),
        room("ChurnBenchmark", ["HNSW", "JSONLines", "RecallBenchmark"], at: "Benchmarks/Churn"),
        room(
            "FilterBenchmark", ["Filters", "HNSW", "JSONLines", "RecallBenchmark", "Storage", "VectorCollections"],
            at: "Benchmarks/Filter"),
        room(
            "StoreRecallBenchmark", ["JSONLines", "RecallBenchmark", "Storage", "VectorCollections"],
            at: "Benchmarks/StoreRecall"),
        room(
            "EmbeddingBenchmark", ["Embedding", "Gallery", "ImageDecoding", "JSONLines", "RecallBenchmark"],
            at: "Benchmarks/Embedding"),
        room(
            "StorageBenchmark", ["HNSW", "JSONLines", "RecallBenchmark", "Storage", "VectorCollections"],
            at: "Benchmarks/Storage"),

        .executableTarget(
            name: "lookalike",
            dependencies: [
                "Catalogue", "ChurnBenchmark", "Client", "VectorCollections", "Embedding", "EmbeddingBenchmark",
                "Evaluation", "FilterBenchmark", "Filters", "Gallery", "HNSW", "ImageDecoding", "Indexing", "JSONLines",
                "NeuralNetwork", "Presentation", "RecallBenchmark", "RESP", "Server", "Storage", "StorageBenchmark",
                "StoreRecallBenchmark", arguments, lifecycle, logging, signals,
            ],
            path: "Tools/lookalike", swiftSettings: swift),

        // Tests: a folder a target.
        room("TestSupport", ["Gallery", "ImageDecoding"], at: "Tests/TestSupport"),
        .executableTarget(
            name: "CrashWriter", dependencies: ["HNSW", "Storage", "TestSupport", "VectorCollections"],
            path: "Tests/Crash/CrashWriter", swiftSettings: swift),
        .testTarget(
            name: "CrashTests", dependencies: ["CrashWriter", "Storage", "TestSupport", "VectorCollections"],
            path: "Tests/Crash/CrashTests", swiftSettings: swift),
        .testTarget(
            name: "StoreFuzzTests", dependencies: ["Filters", "HNSW", "Storage", "TestSupport", "VectorCollections"],
            path: "Tests/Fuzz", swiftSettings: swift),
        .testTarget(
            name: "NetworkFuzzTests", dependencies: ["NeuralNetwork", "TestSupport"], path: "Tests/NetworkFuzz",
            swiftSettings: swift),
        tests("CVectorKernelsTests", ["CVectorKernels"]),
        tests("CTensorKernelsTests", ["CTensorKernels"]),
        tests("HNSWTests", ["HNSW"]),
        tests("FiltersTests", ["Filters"]),
        tests("StorageTests", ["Storage"]),
        tests("CollectionsTests", ["Filters", "HNSW", "Storage", "VectorCollections"]),
        tests("ImageDecodingTests", ["ImageDecoding"]),
        tests("GalleryTests", ["Gallery", "ImageDecoding"]),
        tests("RESPTests", ["RESP", nioCore]),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter", cSettings: c),
        tests("NeuralNetworkTests", ["AllocationCounter", "NeuralNetwork"]),
        tests("EmbeddingTests", ["Embedding", "Gallery", "ImageDecoding", "NeuralNetwork", "Storage"]),
        tests("EvaluationTests", ["Embedding", "Evaluation", "ImageDecoding"]),
        tests("IndexingTests", ["Catalogue", "HNSW", "ImageDecoding", "Indexing", "Storage", "VectorCollections"]),
        tests(
            "RecallBenchmarkTests",
            [
                "ChurnBenchmark", "FilterBenchmark", "HNSW", "RecallBenchmark", "Storage", "StoreRecallBenchmark",
                "VectorCollections",
            ]),
        tests("PresentationTests", ["JSONLines", "Presentation"]),
        tests(
            "ServerTests",
            ["Catalogue", "Client", "RESP", "Server", "Storage", "VectorCollections", lifecycle, logging]),
        tests("WireTests", [], leavingOut: ["redis_py.py"]),
        tests("EndToEndTests", ["Catalogue", "Client", "ImageDecoding", "RESP", "Storage", "VectorCollections"]),
    ]
)
