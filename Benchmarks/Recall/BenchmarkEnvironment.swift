import Foundation

/// What a figure was measured on. Figures without it cannot be compared.
public struct BenchmarkEnvironment: Sendable, Equatable {
    /// The processor's name, as the system tells it.
    public var cpu: String
    /// Cores this process may use.
    public var cores: Int
    /// Whether the program was built without optimisation: then its figures mean nothing.
    public var isDebugBuild: Bool

    /// The machine this runs on.
    public static var current: BenchmarkEnvironment {
        #if DEBUG
            let isDebugBuild = true
        #else
            let isDebugBuild = false
        #endif
        return BenchmarkEnvironment(
            cpu: cpuName ?? "unknown processor", cores: ProcessInfo.processInfo.activeProcessorCount,
            isDebugBuild: isDebugBuild)
    }

    /// Lines for people.
    public var lines: [String] {
        ["\(cpu), \(cores) \(cores == 1 ? "core" : "cores")"]
            + (isDebugBuild
                ? ["warning: this is a debug build and its figures mean nothing: build with -c release"] : [])
    }

    private static var cpuName: String? {
        #if canImport(Darwin)
            var size = 0
            guard sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0) == 0, size > 1 else { return nil }
            var bytes = [UInt8](repeating: 0, count: size)
            guard sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0) == 0 else { return nil }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        #else
            return SystemFile.text("/proc/cpuinfo").flatMap(modelName) ?? machine
        #endif
    }

    /// The first `model name` of /proc/cpuinfo; ARM machines have none.
    static func modelName(_ cpuinfo: String) -> String? {
        cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private static var machine: String? {
        var facts = utsname()
        guard uname(&facts) == 0 else { return nil }
        return withUnsafeBytes(of: &facts.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
