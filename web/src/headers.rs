//! Headers that every page carries.
//!
//! Promises: a browser runs only our own files, sends forms only to us, shows us in nobody's frame. Must
//! never: allow anything `unsafe`.

use actix_web::middleware::DefaultHeaders;

/// What the browser may load. Styles and scripts come from our own files only, so there is no inline
/// style or script anywhere in the templates.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; script-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

/// The middleware that adds them. A handler that set one of these itself keeps its own.
pub fn security() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
        .add(("X-Content-Type-Options", "nosniff"))
        // Not `no-referrer`: that makes browsers send `Origin: null` with our own forms.
        .add(("Referrer-Policy", "same-origin"))
        .add((
            "Permissions-Policy",
            "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
        ))
        .add(("Cross-Origin-Opener-Policy", "same-origin"))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_unsafe_is_allowed() {
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
        assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none'"));
        assert!(!CONTENT_SECURITY_POLICY.contains("  "), "one space between words");
    }
}
