//! Why a file does not cross.

use crate::words::words;

words! {
    /// Why a file is held instead of rebuilt. The words for staff and citizens
    /// are in the sanitizer's catalogue under `held.<code>`.
    pub enum HoldReason {
        /// A password is needed to open it.
        Encrypted = "encrypted",
        /// Nothing is left of it without its macros.
        MacroOnly = "macro_only",
        /// It cannot be read as what it claims to be.
        Broken = "broken",
        /// A kind of file that is not rebuilt.
        Unsupported = "unsupported",
        /// More bytes, pages or pixels than allowed.
        TooLarge = "too_large",
        /// More objects, nesting or memory than allowed.
        TooComplex = "too_complex",
        /// Reading it took longer than allowed.
        Timeout = "timeout",
        /// It is a program, a script or a shortcut to one.
        ActiveOnly = "active_only",
        /// A malware scanner knows it.
        ScannerHit = "scanner_hit",
        /// The worker crashed or answered nonsense.
        WorkerFault = "worker_fault",
        /// A password is needed, and the one that came with it is another.
        WrongPassword = "wrong_password",
    }
}

impl HoldReason {
    /// Whether another password, or one at all, could open the file.
    #[must_use]
    pub const fn asks_for_password(self) -> bool {
        match self {
            Self::Encrypted | Self::WrongPassword => true,
            Self::MacroOnly
            | Self::Broken
            | Self::Unsupported
            | Self::TooLarge
            | Self::TooComplex
            | Self::Timeout
            | Self::ActiveOnly
            | Self::ScannerHit
            | Self::WorkerFault => false,
        }
    }

    /// Whether the file met one of our limits rather than being unfit.
    #[must_use]
    pub const fn is_limit(self) -> bool {
        match self {
            Self::TooLarge | Self::TooComplex | Self::Timeout => true,
            Self::Encrypted
            | Self::WrongPassword
            | Self::MacroOnly
            | Self::Broken
            | Self::Unsupported
            | Self::ActiveOnly
            | Self::ScannerHit
            | Self::WorkerFault => false,
        }
    }
}
