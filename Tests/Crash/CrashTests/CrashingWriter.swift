import Foundation
import Synchronization
import TestSupport
import Testing
import VectorCollections

/// A run of the crash writer, and the moment at which it is killed.
struct CrashingWriter: CustomStringConvertible {
    /// When it is killed.
    enum Moment: CustomStringConvertible {
        /// So many seconds after it began to open the store.
        case opening(after: Double)
        /// So many seconds after the first acknowledgement.
        case writing(after: Double)

        /// Most are killed while they write, for a short time; some live long enough for the sync of each second.
        static func random(_ random: inout SeededRandom) -> Moment {
            switch Int.random(in: 0..<32, using: &random) {
            case 0..<4: .opening(after: .random(in: 0...0.01, using: &random))
            case 4: .writing(after: .random(in: 0.9...1.3, using: &random))
            default: .writing(after: .random(in: 0.02...0.15, using: &random))
            }
        }

        var description: String {
            switch self {
            case .opening(let delay): "\(delay) s after it began to open the store"
            case .writing(let delay): "\(delay) s after its first change"
            }
        }
    }

    /// How long it may take until the first acknowledgement.
    private static let patience = 60.0

    /// The writer lies beside the bundle of the tests.
    static let path: String? = {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let running = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        let bundle = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        return ([beside] + [running].compactMap { $0 } + bundle)
            .map { $0.appendingPathComponent("CrashWriter").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    let seed: UInt64
    let firstVersion: Int
    let durability: Durability
    let threads: Int
    let checkpointLogBytes: Int
    let moment: Moment

    var description: String {
        "\(threads) threads, \(durability), \(checkpointLogBytes) bytes of log, killed \(moment)"
    }

    /// Runs it on a store, kills it, and returns the complete lines that it said.
    func run(on store: String) throws -> [Substring] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.path))
        process.arguments = [
            store, "\(seed)", "\(firstVersion)", durability.rawValue, "\(threads)", "\(checkpointLogBytes)",
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let isTime = DispatchSemaphore(value: 0)
        let (marker, delay) =
            switch moment {
            case .opening(let delay): ("begin\n", delay)
            case .writing(let delay): (" ok\n", delay)
            }
        let wasInTime = Mutex(true)
        let isOver = Mutex(false)
        let identifier = process.processIdentifier
        let killer = Thread {
            let result = isTime.wait(timeout: .now() + Self.patience)
            if result == .timedOut { wasInTime.withLock { $0 = false } } else { Thread.sleep(forTimeInterval: delay) }
            // Its number may be another process's once it has been waited for.
            isOver.withLock { isOver in
                if !isOver { kill(identifier, SIGKILL) }
            }
        }
        killer.start()
        var said = Data()
        var isSeen = false
        while true {
            let some = pipe.fileHandleForReading.availableData
            if some.isEmpty { break }
            said.append(some)
            if !isSeen, said.range(of: Data(marker.utf8)) != nil {
                isSeen = true
                isTime.signal()
            }
        }
        isOver.withLock { $0 = true }
        process.waitUntilExit()
        isTime.signal()
        #expect(wasInTime.withLock { $0 }, "\(self): it said \(marker.debugDescription) in time")
        #expect(
            process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL,
            "\(self): it ended by itself with \(process.terminationStatus)")
        let text = String(decoding: said, as: UTF8.self)
        return text[..<(text.lastIndex(of: "\n") ?? text.startIndex)].split(separator: "\n")
    }
}
