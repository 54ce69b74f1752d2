#if os(Linux)
    import Foundation
    import Glibc
    import ImageDecoding
    import Testing

    /// What happens when the system has no memory left: in child processes whose address space is bounded.
    @Suite struct OutOfMemoryTests {
        /// From here on this process gets no more than `bytes` beyond what it has.
        static func boundAddressSpace(_ bytes: Int) {
            let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").first
            guard let pages, let count = Int(pages) else { exit(3) }
            let limit = rlim_t(count * Int(sysconf(Int32(_SC_PAGESIZE))) + bytes)
            var bound = rlimit(rlim_cur: limit, rlim_max: limit)
            if setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &bound) != 0 { exit(4) }
        }

        /// Ends this process: well when the decode ran out of memory and said so.
        static func expectOutOfMemory(_ bytes: [UInt8], wanted: WantedSize) -> Never {
            guard let error = refusal(bytes, wanted: wanted) else { exit(5) }
            let isRight =
                error.code == .outOfMemory && error.reason.hasPrefix("outOfMemory: ")
                && error.description.contains("close other programs or lower the limits")
            if !isRight { print(error) }
            exit(isRight ? EXIT_SUCCESS : 6)
        }

        @Test func noMemoryForThePicture() async {
            await #expect(processExitsWith: .success) {
                let bytes = try JPEGEncoder().encode(Picture(width: 5000, height: 4500, red: 1, green: 2, blue: 3))
                OutOfMemoryTests.boundAddressSpace(16 << 20)
                OutOfMemoryTests.expectOutOfMemory(bytes, wanted: .full)
            }
        }

        @Test func noMemoryForTheCoefficients() async {
            await #expect(processExitsWith: .success) {
                var encoder = JPEGEncoder()
                encoder.options.isProgressive = true
                let bytes = try encoder.encode(Picture(width: 5000, height: 4500, red: 1, green: 2, blue: 3))
                OutOfMemoryTests.boundAddressSpace(16 << 20)
                OutOfMemoryTests.expectOutOfMemory(bytes, wanted: .covering(width: 1, height: 1))
            }
        }

        @Test func noMemoryForTheRowsOfAnInterlacedPicture() async {
            await #expect(processExitsWith: .success) {
                var layout = PNGEncoder.Layout(colourType: .rgb, bitDepth: 8)
                layout.isInterlaced = true
                let samples = [UInt8](repeating: 9, count: 5000 * 4500 * 3)
                let bytes = try PNGEncoder(compression: 1).encode(
                    samples: samples, width: 5000, height: 4500, layout: layout)
                OutOfMemoryTests.boundAddressSpace(16 << 20)
                OutOfMemoryTests.expectOutOfMemory(bytes, wanted: .covering(width: 1, height: 1))
            }
        }
    }
#endif
