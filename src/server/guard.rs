//! Who may ask: whoever has the token; without one, only who calls by a name of this machine, so that no web page can.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::json_with;

/// How callers prove that they may ask.
#[derive(Clone)]
pub enum Access {
    /// By this token.
    Token(String),
    /// By being on this machine: the server listens on it only.
    ThisMachine,
    /// By their certificates, which were looked at before.
    Certificates,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Token(_) => "Token",
            Self::ThisMachine => "ThisMachine",
            Self::Certificates => "Certificates",
        })
    }
}

/// Puts a guard before all routes.
pub(super) fn guarded(router: Router, access: Access) -> Router {
    router.layer(middleware::from_fn_with_state(access, admit))
}

async fn admit(State(access): State<Access>, request: Request<Body>, next: Next) -> Response {
    let refused = match &access {
        Access::Certificates => None,
        Access::Token(token) if has_token(request.headers(), token) => None,
        Access::Token(_) => Some((
            StatusCode::UNAUTHORIZED,
            16,
            "the token of this server is missing or wrong: it stands in the server's runtime file, which only its owner can read",
        )),
        Access::ThisMachine => stranger(&request).map(|why| (StatusCode::FORBIDDEN, 7, why)),
    };
    match refused {
        None => next.run(request).await,
        Some((_, code, why)) if is_grpc(request.headers()) => grpc_refusal(code, why),
        Some((status, _, why)) => json_with(status, &json!({ "error_code": 0, "error_msg": why })),
    }
}

/// A refusal of a call over gRPC, by its number. The status of HTTP has no say in it.
pub(super) fn grpc_refusal(code: u8, why: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/grpc".to_owned()),
        (header::HeaderName::from_static("grpc-status"), code.to_string()),
        (header::HeaderName::from_static("grpc-message"), why.to_owned()),
    ];
    (StatusCode::OK, headers).into_response()
}

pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
}

fn has_token(headers: &HeaderMap, token: &str) -> bool {
    let Some(given) = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer ")) else {
        return false;
    };
    // As long for a wrong one as for the right one, so that it can't be guessed letter by letter.
    let differences = given.iter().zip(token.as_bytes()).fold(0, |differences, (one, two)| differences | (one ^ two));
    given.len() == token.len() && differences == 0
}

const NO_WEB_PAGES: &str = "without a token the server does not answer web pages";

/// Why a caller may be a web page, or led here by one. HTTP/2 without TLS is what no browser speaks, and what gRPC speaks, under any
/// name.
fn stranger(request: &Request<Body>) -> Option<&'static str> {
    let headers = request.headers();
    let mut hosts =
        headers.get_all(header::HOST).iter().map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned()).peekable();
    let speaks_http1 = request.version() < Version::HTTP_2;
    if speaks_http1 && is_grpc(headers) {
        return Some("gRPC is spoken over HTTP/2");
    }
    if speaks_http1 && (hosts.peek().is_none() || hosts.any(|host| !is_this_machine(&host))) {
        return Some("without a token the server is called as 127.0.0.1, [::1] or localhost only");
    }
    // What browsers say of a call that another site has brought about, also where they name no origin.
    if headers.get("sec-fetch-site").is_some_and(|site| site.as_bytes() == b"cross-site") {
        return Some(NO_WEB_PAGES);
    }
    match headers.get(header::ORIGIN).map(|origin| String::from_utf8_lossy(origin.as_bytes()).into_owned()) {
        Some(origin) if !is_this_machine(origin.split_once("://").map_or("", |(_, host)| host)) => Some(NO_WEB_PAGES),
        _ => None,
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, _)) => inside,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_will_do() {
        for host in ["127.0.0.1:8261", "127.0.0.1", "localhost:1", "LOCALHOST", "[::1]:8261", "[::1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "example.com:8261", "10.0.0.1:8261", "localhost.example.com", "127.0.0.1.example.com", "[::2]:1"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn a_token_is_right_as_a_whole() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            has_token(&headers, "abc")
        };
        assert!(with("Bearer abc"));
        for wrong in ["Bearer abd", "Bearer ab", "Bearer abcd", "Bearer ", "abc", "Basic abc"] {
            assert!(!with(wrong), "{wrong}");
        }
        assert!(!has_token(&HeaderMap::new(), "abc"));
    }
}
