// Writes to a store without end and says on standard output what was acknowledged, until it is killed.
//
//     CrashWriter FOLDER SEED FIRST-VERSION DURABILITY
//
// Before each change it prints what it will try, after it "ok". Lines go out by write(2), so whatever the test has read
// was said before the process died.

import Foundation
import HNSW
import Storage
import TestSupport
import VectorCollections

func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

let arguments = CommandLine.arguments
guard arguments.count == 5, let seed = UInt64(arguments[2]), let first = Int(arguments[3]),
    let durability = Durability(rawValue: arguments[4])
else {
    FileHandle.standardError.write(Data("usage: CrashWriter FOLDER SEED FIRST-VERSION DURABILITY\n".utf8))
    exit(64)
}
let collection = CollectionName(CrashScript.collection)
let configuration = CollectionConfiguration(
    dimension: CrashScript.dimension, parameters: HNSWParameters(m: 6, efConstruction: 30))
var random = SeededRandom(seed: seed)
do {
    // Small logs, so that it is often killed within a checkpoint.
    let options = StoreOptions(durability: durability, checkpointLogBytes: 20_000, program: "CrashWriter")
    let store = try Store.open(arguments[1], options: options)
    say("open")
    var version = first
    while true {
        let name = Int.random(in: 0..<300, using: &random)
        if Int.random(in: 0..<4, using: &random) == 0 {
            say("remove \(name)")
            _ = try store.remove(ElementName("\(name)"), from: collection)
        } else {
            version += 1
            say("put \(name) \(version)")
            let change = ElementChange(
                vector: CrashScript.vector(version), attributes: .set(CrashScript.attributes(version)),
                thumbnail: CrashScript.thumbnail(version))
            _ = try store.upsert(ElementName("\(name)"), change, in: collection, configuration: configuration)
        }
        say("ok")
    }
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
