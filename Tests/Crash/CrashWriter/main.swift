// Writes to a store from several threads, without end, and says on standard output what was acknowledged, until it is
// killed.
//
//     CrashWriter FOLDER SEED FIRST-VERSION DURABILITY THREADS CHECKPOINT-LOG-BYTES
//
// It says "begin" before it opens the store. Then each thread says "THREAD try CHANGE" before each change and "THREAD
// ok" when the call has returned. A line goes out by one write(2), so whatever the test has read was said before the
// process died, and no line is torn.

import Foundation
import HNSW
import Storage
import TestSupport
import VectorCollections

/// Says a line.
@Sendable func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    let written = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    if written != bytes.count { exit(2) }
}

@Sendable func end(_ what: String, code: Int32) -> Never {
    FileHandle.standardError.write(Data((what + "\n").utf8))
    exit(code)
}

let arguments = CommandLine.arguments
guard arguments.count == 7, let seed = UInt64(arguments[2]), let first = Int(arguments[3]),
    let durability = Durability(rawValue: arguments[4]), let threads = Int(arguments[5]),
    let logBytes = UInt64(arguments[6])
else { end("usage: CrashWriter FOLDER SEED FIRST-VERSION DURABILITY THREADS CHECKPOINT-LOG-BYTES", code: 64) }

say("begin")
do {
    // Small logs, so that it is often killed within a checkpoint.
    let options = StoreOptions(durability: durability, checkpointLogBytes: logBytes, program: "CrashWriter")
    let store = try Store.open(arguments[1], options: options)
    for thread in 0..<threads {
        let load = CrashLoad(store, thread: thread, seed: seed, firstVersion: first)
        let worker = Thread {
            do {
                while true {
                    let change = load.next()
                    say("\(thread) try \(change)")
                    try load.make(change)
                    say("\(thread) ok")
                }
            } catch {
                end("thread \(thread): \(error)", code: 1)
            }
        }
        worker.start()
    }
    while true { sleep(60) }
} catch {
    end("\(error)", code: 1)
}
