use leptos::prelude::*;
use qrcode::{Color, QrCode};

/// A QR code as one path; nothing if the text is too long for one.
pub fn qr(text: &str) -> Option<impl IntoView + use<>> {
    let code = QrCode::new(text).ok()?;
    let side = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let squares: Vec<_> = dark.map(|(n, _)| format!("M{} {}h1v1h-1z", n % side, n / side)).collect();
    let path = squares.concat();
    Some(view! {
        <div class="qr" role="img" aria-label="QR code for your authenticator app">
            <svg viewBox=format!("0 0 {side} {side}") shape-rendering="crispEdges"><path d=path fill="currentColor" /></svg>
        </div>
    })
}
