"""The portal: the pages of Techdock, drawn from the public HTTP interface of the services."""
