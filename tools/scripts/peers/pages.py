def write(root):
    pass
