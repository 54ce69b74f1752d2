/// Where a server listens.
public enum ServerAddress: Sendable, Equatable, CustomStringConvertible {
    /// A TCP port.
    case tcp(host: String, port: Int)
    /// A Unix-domain socket, as a running server keeps in its store folder.
    case unix(path: String)

    /// `HOST:PORT`, `[IPv6]:PORT` or `:PORT` (this machine); nil for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        self = .tcp(host: host.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// `HOST:PORT` or the socket's path.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
