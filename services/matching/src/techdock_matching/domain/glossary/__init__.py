"""Technology concepts and how people name them in six languages.

Written for this project, term by term; one file per WIPO technology field in `concepts/`, to be
read and extended in a spreadsheet:

    concept   stable id, kebab case
    field     WIPO technology field, 1 to 35 (IPC and Technology Concordance, WIPO)
    isic      ISIC Rev. 4 division or section where one is clear, else empty
    en zh ru ar es fr
              terms separated by |, the preferred one first
"""
