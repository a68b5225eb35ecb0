//! The bytes of one file inside an item.

use domain::ids::AttachmentId;

use crate::wire::private_record;

private_record! {
    /// A file that travels with a message.
    pub struct Part {
        /// Which attachment it is.
        pub attachment_id: AttachmentId,
        /// The whole file.
        pub bytes: Vec<u8>,
    }
}
