import Foundation
import Synchronization

/// A folder for the time of a benchmark.
///
/// Thread-safety: any thread may remove it, a signal's too.
package final class ScratchFolder: Sendable {
    private let made = Mutex<String?>(nil)

    /// None yet.
    package init() {}

    /// Makes it, below the system's folder for such things.
    package func make() throws(FilterBenchmarkError) -> String {
        let parent = FileManager.default.temporaryDirectory.path
        var template = Array("\(parent)/lookalike-bench-XXXXXX".utf8CString)
        let path: String? = template.withUnsafeMutableBufferPointer { buffer in
            mkdtemp(buffer.baseAddress!).map { String(cString: $0) }
        }
        guard let path else { throw .folder(path: parent, reason: String(cString: strerror(errno))) }
        made.withLock { $0 = path }
        return path
    }

    /// Removes it with all that is in it, if it is there.
    package func remove() {
        let path = made.withLock { made in
            defer { made = nil }
            return made
        }
        if let path { try? FileManager.default.removeItem(atPath: path) }
    }
}
