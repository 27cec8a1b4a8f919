"""The texts of mails, one file per language; native speakers read and change these files."""
